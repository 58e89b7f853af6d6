package io.portolan.policy.compile;

import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftVerdict;
import io.portolan.policy.model.Action;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.model.Tier;
import io.portolan.policy.nft.Skeleton;
import io.portolan.policy.nft.TableImage.ChainImage;
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
   */
  record Member(PolicyId policy, boolean passes, boolean denies) {
    static Member of(Policy policy, Direction direction) {
      return new Member(
          policy.id(),
          PolicyLowering.has(policy, direction, Action.PASS),
          PolicyLowering.has(policy, direction, Action.DENY));
    }

    @Override
    public String toString() {
      return policy + (passes ? "+pass" : "") + (denies ? "+deny" : "");
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
      Optional<String> next = Optional.of(name(i + 1));
      for (Member member : stages.get(i).members()) {
        uses.add(new Use(member.policy(), member.passes() ? next : Optional.empty()));
      }
    }
    return uses;
  }

  /** The chain that decides first. */
  NftChain chain() {
    return segments(Reporting.NONE).firstEntry().getValue().image().chain();
  }

  /**
   * The class's chains by name, the first one first. A tier that no rule can end early goes on in
   * the chain of the tier before; another one needs a chain that its rules can go to.
   *
   * <p>Where a rule denies, what no rule may deny passes before the first one is asked: an error
   * about an accepted connection is itself of another protocol, and would come to a rule further
   * down.
   */
  @Override
  public SequencedMap<String, Segment> segments(Reporting reporting) {
    SequencedMap<String, Segment> segments = new LinkedHashMap<>();
    int first = 0;
    Verdicts verdicts = new Verdicts(reporting, name(0), Optional.empty());
    List<NftRule> rules = new ArrayList<>();
    if (stages.stream().flatMap(stage -> stage.members().stream()).anyMatch(Member::denies)) {
      rules.add(NftRule.of(NftStatement.jump(Skeleton.UNJUDGED)));
    }
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      for (Use use : usesOf(i)) {
        rules.add(
            NftRule.of(NftStatement.jump(Naming.policyChain(use.policy(), direction, use.next()))));
      }
      boolean denies = stage.tier().end() == Tier.End.DENY && !stage.accepts();
      boolean ends = denies || stage.accepts();
      if (stage.accepts()) {
        rules.add(NftRule.of(NftStatement.accept()));
      }
      if (denies) {
        rules.add(NftRule.of(NftStatement.jump(Skeleton.SPARED)));
        rules.addAll(
            verdicts.ofTierEnd(
                new RuleOrigin.OfTierEnd(stage.tier().name()),
                direction,
                stage.members().stream().map(Member::policy).toList()));
      }
      if (stage.passes() || ends) {
        if (!ends) {
          rules.add(NftRule.of(NftStatement.verdict(NftVerdict.goTo(name(i + 1)))));
        }
        put(segments, first, stage.tier(), rules, verdicts);
        first = i + 1;
        rules = new ArrayList<>();
        verdicts = new Verdicts(reporting, name(first), Optional.empty());
        if (!stage.leadsOn()) {
          return segments;
        }
      }
    }
    rules.add(NftRule.of(NftStatement.accept()));
    put(segments, first, stages.getLast().tier(), rules, verdicts);
    return segments;
  }

  private void put(
      SequencedMap<String, Segment> segments,
      int stage,
      Tier last,
      List<NftRule> rules,
      Verdicts verdicts) {
    NftChain chain =
        NftChain.regular(name(stage))
            .comment(
                Naming.comment(
                    Naming.list(
                        stages.stream()
                            .skip(stage)
                            .flatMap(s -> s.members().stream())
                            .map(Member::policy)
                            .toList())));
    segments.put(
        chain.name(),
        new Segment(
            new ChainImage(chain, rules), 0, new RuleOrigin.OfTierEnd(last.name()), verdicts));
  }

  private List<Use> usesOf(int stage) {
    int before = stages.stream().limit(stage).mapToInt(s -> s.members().size()).sum();
    return policies().subList(before, before + stages.get(stage).members().size());
  }

  private String name(int stage) {
    String first = Naming.classChain(direction, stages.toString());
    return stage == 0 ? first : first + "/" + stage;
  }
}
