package io.portolan.policy.compile;

import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftStatement;
import io.portolan.policy.model.Action;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.model.Tier;
import io.portolan.policy.nft.Skeleton;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * What decides over one direction of a pod's traffic: tiers in order, each with its policies in
 * order. Pods that the same policies select are of the same class and share its chains.
 *
 * @param stages at least one, in tier order, each with at least one policy; none that no connection
 *     gets to
 */
record PolicyClass(Direction direction, List<Stage> stages) implements TrafficClass {
  PolicyClass {
    stages = List.copyOf(stages);
    if (stages.isEmpty()) {
      throw new IllegalArgumentException("a class without policies decides nothing");
    }
  }

  /**
   * A policy in its place.
   *
   * @param passes whether it has a rule that ends the tier
   * @param denies whether it has a rule that denies
   * @param logs whether it has a rule that reports
   */
  record Member(PolicyId policy, boolean passes, boolean denies, boolean logs) {
    static Member of(Policy policy, Direction direction) {
      return new Member(
          policy.id(),
          PolicyLowering.has(policy, direction, Action.PASS),
          PolicyLowering.has(policy, direction, Action.DENY),
          PolicyLowering.has(policy, direction, Action.LOG));
    }

    /** Whether it does not matter when it is asked, among others of which that is true. */
    boolean onlyAllows() {
      return !passes && !denies && !logs;
    }

    @Override
    public String toString() {
      return policy + (passes ? "+pass" : "") + (denies ? "+deny" : "") + (logs ? "+log" : "");
    }
  }

  /**
   * The policies of one tier that select a pod, in the order they are asked.
   *
   * @param accepts whether what none of them decides on is accepted, whatever the tier's end
   */
  record Stage(Tier tier, List<Member> members, boolean accepts) {
    Stage {
      members = List.copyOf(members);
    }

    Stage(Tier tier, List<Member> members) {
      this(tier, members, false);
    }

    boolean passes() {
      return members.stream().anyMatch(Member::passes);
    }

    /**
     * Its policies in order.
     *
     * @param chain of the tier, if it has one
     */
    List<Use> uses(String chain) {
      return members.stream()
          .map(m -> new Use(m.policy(), m.passes() ? Optional.of(chain) : Optional.empty()))
          .toList();
    }

    /** The rules that deny what none of its policies decided on. */
    List<NftRule> end(Direction direction, Verdicts verdicts) {
      return verdicts.ofTierEnd(
          new RuleOrigin.OfTierEnd(tier.name()),
          direction,
          members.stream().map(Member::policy).toList());
    }

    /** Whether any connection gets to the next tier. */
    boolean leadsOn() {
      return passes() || (tier.end() == Tier.End.PASS && !accepts);
    }
  }

  /**
   * The class of a pod that just these policies select in this direction; at least one.
   *
   * @param tiers by name, those of all the policies
   */
  static PolicyClass of(Direction direction, Collection<Policy> policies, Map<String, Tier> tiers) {
    return new PolicyClass(direction, stages(direction, policies, tiers));
  }

  /** Policies in the order they are asked, but for those that no connection gets to. */
  static List<Stage> stages(
      Direction direction, Collection<Policy> policies, Map<String, Tier> tiers) {
    TreeMap<Tier, List<Policy>> byTier = new TreeMap<>();
    for (Policy policy : policies) {
      byTier
          .computeIfAbsent(Objects.requireNonNull(tiers.get(policy.tier())), _ -> new ArrayList<>())
          .add(policy);
    }
    List<Stage> stages = new ArrayList<>();
    for (Map.Entry<Tier, List<Policy>> entry : byTier.entrySet()) {
      Stage stage =
          new Stage(
              entry.getKey(),
              entry.getValue().stream()
                  .sorted(Policy.IN_TIER)
                  .map(policy -> Member.of(policy, direction))
                  .toList());
      stages.add(stage);
      if (!stage.leadsOn()) {
        break;
      }
    }
    return stages;
  }

  /**
   * What decides over connections to the pod's own node instead; empty if all of them pass.
   *
   * <p>NetworkPolicy never denies them: the first one that is asked accepts. ClusterNetworkPolicy
   * says nothing of the kind, and Calico judges what pods send to their node like all else.
   */
  Optional<PolicyClass> toOwnNode() {
    List<Stage> kept = new ArrayList<>();
    for (Stage stage : stages) {
      List<Member> before =
          stage.members().stream()
              .takeWhile(m -> m.policy().kind() != PolicyId.Kind.NETWORK_POLICY)
              .toList();
      boolean accepts = before.size() < stage.members().size();
      Stage asked = new Stage(stage.tier(), before, accepts);
      kept.add(asked);
      if (!asked.leadsOn()) {
        break;
      }
    }
    boolean judges = kept.stream().anyMatch(stage -> !stage.members().isEmpty());
    return judges ? Optional.of(new PolicyClass(direction, kept)) : Optional.empty();
  }

  @Override
  public List<Use> policies() {
    List<Use> uses = new ArrayList<>();
    for (int i = 0; i < stages.size(); i++) {
      uses.addAll(stages.get(i).uses(tierChain(i)));
    }
    return uses;
  }

  /** The chain that decides first. */
  NftChain chain() {
    return chain(name(), stages);
  }

  /**
   * The class's chains by name, the first one first.
   *
   * <p>Where a rule denies, what no rule may deny passes before the first one is asked: an error
   * about an accepted connection is itself of another protocol, and would come to a rule further
   * down.
   */
  @Override
  public SequencedMap<String, Segment> segments(Reporting reporting) {
    List<Part> parts = new ArrayList<>();
    Verdicts verdicts = new Verdicts(reporting, name(), false, true);
    List<Segment> tiers = new ArrayList<>();
    if (stages.stream().flatMap(stage -> stage.members().stream()).anyMatch(Member::denies)) {
      parts.add(Part.own(NftStatement.jump(Skeleton.UNJUDGED)));
    }
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      if (stage.passes()) {
        String name = tierChain(i);
        parts.add(Part.own(NftStatement.jump(name)));
        Verdicts own = new Verdicts(reporting, name, false, true);
        tiers.add(segment(chain(name, List.of(stage)), stage, parts(i, name, own), own));
      } else {
        parts.addAll(parts(i, name(), verdicts));
      }
    }
    if (stages.getLast().leadsOn()) {
      parts.add(Part.own(NftStatement.accept()));
    }
    SequencedMap<String, Segment> segments = new LinkedHashMap<>();
    segments.put(name(), segment(chain(), stages.getLast(), parts, verdicts));
    tiers.forEach(tier -> segments.put(tier.chain().name(), tier));
    return segments;
  }

  /** A tier's policies and its end, in a chain. */
  private List<Part> parts(int place, String chain, Verdicts verdicts) {
    Stage stage = stages.get(place);
    List<Part> parts = new ArrayList<>();
    List<PolicyId> allowing = new ArrayList<>();
    for (Member member : stage.members()) {
      if (member.onlyAllows()) {
        allowing.add(member.policy());
        continue;
      }
      addAllowing(parts, allowing, chain + "/ports/" + place);
      parts.add(
          member.passes()
              ? new Part.RulesOf(member.policy())
              : Part.own(
                  NftStatement.jump(
                      Naming.policyChain(member.policy(), direction, Optional.empty()))));
    }
    addAllowing(parts, allowing, chain + "/ports/" + place);
    if (stage.accepts()) {
      parts.add(Part.own(NftStatement.accept()));
    } else if (stage.tier().end() == Tier.End.DENY) {
      parts.add(Part.own(NftStatement.jump(Skeleton.SPARED)));
      stage.end(direction, verdicts).forEach(rule -> parts.add(new Part.Own(rule)));
    }
    return parts;
  }

  private static void addAllowing(List<Part> parts, List<PolicyId> allowing, String name) {
    if (!allowing.isEmpty()) {
      parts.add(new Part.Allowing(name + "/" + parts.size(), allowing));
      allowing.clear();
    }
  }

  private Segment segment(NftChain chain, Stage last, List<Part> parts, Verdicts verdicts) {
    return new Segment(
        direction, chain, parts, 0, new RuleOrigin.OfTierEnd(last.tier().name()), verdicts);
  }

  private static NftChain chain(String name, List<Stage> stages) {
    return NftChain.regular(name)
        .comment(
            Naming.comment(
                Naming.list(
                    stages.stream()
                        .flatMap(stage -> stage.members().stream())
                        .map(Member::policy)
                        .toList())));
  }

  private String name() {
    return Naming.classChain(direction, stages.toString());
  }

  private String tierChain(int stage) {
    return name() + "/tier/" + stage;
  }
}
