package io.portolan.policy.compile;

import static io.portolan.linux.nft.NftStatement.accept;
import static io.portolan.linux.nft.NftStatement.ctState;
import static io.portolan.linux.nft.NftStatement.equal;
import static io.portolan.linux.nft.NftStatement.jump;
import static io.portolan.linux.nft.NftStatement.verdict;

import io.portolan.common.net.Cidr;
import io.portolan.linux.nft.CtState;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSelector;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.NftVerdict;
import io.portolan.policy.compile.PolicyClass.Member;
import io.portolan.policy.compile.PolicyClass.Stage;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.End;
import io.portolan.policy.model.Failsafe;
import io.portolan.policy.model.Tier;
import io.portolan.policy.nft.HostPath;
import io.portolan.policy.nft.Skeleton;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * What decides over a host endpoint's traffic on one path.
 *
 * <p>What was decided before connection tracking or before destination NAT is decided again where
 * the connection is, instead of being remembered in a mark: rules about single packets apply to
 * those that no connection is known of, and rules about the address before NAT find it in the
 * connection. So an accepting rule of those ends this path, as it is to, and one that denies has
 * dropped the packet already.
 *
 * @param untracked tiers of the policies on single packets; they end in pass
 * @param preDnat tiers of the policies on what is addressed; they end in pass
 * @param tracked tiers of the others
 * @param near ports that stay open in the path's direction
 * @param far of the raw paths, ports that stay open in the other direction: replies come from there
 * @param open what becomes of what no tier decided on
 */
record HostClass(
    HostPath path,
    List<Stage> untracked,
    List<Stage> preDnat,
    List<Stage> tracked,
    List<Failsafe> near,
    List<Failsafe> far,
    boolean open)
    implements TrafficClass {
  HostClass {
    untracked = List.copyOf(untracked);
    preDnat = List.copyOf(preDnat);
    tracked = List.copyOf(tracked);
    near = List.copyOf(near);
    far = List.copyOf(far);
  }

  @Override
  public Direction direction() {
    return path.direction();
  }

  private List<Stage> stages() {
    return Stream.of(untracked, preDnat, tracked).flatMap(List::stream).toList();
  }

  /** The tiers that are asked on this path and on no earlier one. */
  List<Stage> own() {
    return switch (path) {
      case RAW_IN, RAW_OUT -> untracked;
      case PRE_DNAT -> preDnat;
      case INPUT, OUTPUT, FORWARD_IN, FORWARD_OUT -> tracked;
    };
  }

  /** Whether all passes. */
  boolean isIdle() {
    return open && stages().isEmpty();
  }

  /** The chain that decides first. */
  String chain() {
    return Naming.hostChain(path.text(), meaning());
  }

  @Override
  public List<Use> policies() {
    List<Use> uses = new ArrayList<>();
    for (int i = 0; i < stages().size(); i++) {
      uses.addAll(stages().get(i).uses(tierChain(i)));
    }
    return uses;
  }

  @Override
  public SequencedMap<String, Segment> segments(Reporting reporting) {
    List<Stage> stages = stages();
    int decidedBefore = untracked.size() + preDnat.size();
    List<Segment> segments = new ArrayList<>();
    List<Segment> tiers = new ArrayList<>();
    Verdicts verdicts = new Verdicts(reporting, chain(), false, !path.isRaw());
    List<Part> parts = new ArrayList<>();
    failsafes().forEach(rule -> parts.add(new Part.Own(rule)));
    int failsafes = parts.size();
    // What stays open was let past the policies on what is addressed.
    boolean past = !preDnat.isEmpty() && path != HostPath.PRE_DNAT;
    if (past) {
      near.forEach(f ->
          parts.add(
              new Part.Own(
                  rule(EndFields.ADDRESSED, f, End.DESTINATION, End.SOURCE, trackedChain()))));
    }
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      List<NftStatement> condition =
          i < untracked.size() && !path.isRaw() ? List.of(ctState(CtState.UNTRACKED)) : List.of();
      if (stage.passes()) {
        String name = tierChain(i);
        parts.add(new Part.Own(jumping(condition, name)));
        Verdicts own = new Verdicts(reporting, name, false, !path.isRaw());
        List<Part> inside = parts(stage, name, List.of(), own);
        RuleOrigin end = new RuleOrigin.OfTierEnd(stage.tier().name());
        tiers.add(new Segment(direction(), chain(name, List.of(stage)), inside, 0, end, own));
      } else {
        parts.addAll(parts(stage, "", condition, verdicts));
      }
      if (!stage.leadsOn()) {
        RuleOrigin end = new RuleOrigin.OfTierEnd(stage.tier().name());
        segments.add(
            segment(segments.isEmpty() ? 0 : decidedBefore, parts, failsafes, end, verdicts));
        return byName(segments, tiers);
      }
      if (past && i + 1 == decidedBefore) {
        parts.add(Part.own(verdict(NftVerdict.goTo(trackedChain()))));
        segments.add(segment(0, parts, failsafes, new RuleOrigin.OfProfiles(), verdicts));
        verdicts = new Verdicts(reporting, trackedChain(), false, true);
        parts.clear();
        failsafes = 0;
      }
    }
    if (open) {
      parts.add(Part.own(accept()));
    } else {
      verdicts.ofProfiles(direction()).forEach(rule -> parts.add(new Part.Own(rule)));
    }
    RuleOrigin end = new RuleOrigin.OfProfiles();
    segments.add(segment(segments.isEmpty() ? 0 : decidedBefore, parts, failsafes, end, verdicts));
    return byName(segments, tiers);
  }

  /** A tier's policies and its end, in a chain. */
  private List<Part> parts(
      Stage stage, String chain, List<NftStatement> condition, Verdicts verdicts) {
    List<Part> parts = new ArrayList<>();
    for (Use use : stage.uses(chain)) {
      parts.add(
          use.inside().isPresent()
              ? new Part.RulesOf(use.policy())
              : new Part.Own(
                  jumping(
                      condition, Naming.policyChain(use.policy(), direction(), Optional.empty()))));
    }
    if (stage.tier().end() == Tier.End.DENY) {
      stage.end(direction(), verdicts).forEach(rule -> parts.add(new Part.Own(rule)));
    }
    return parts;
  }

  private static NftRule jumping(List<NftStatement> condition, String chain) {
    return new NftRule(
        Stream.concat(condition.stream(), Stream.of(jump(chain))).toList(), Optional.empty());
  }

  private static SequencedMap<String, Segment> byName(List<Segment> first, List<Segment> tiers) {
    SequencedMap<String, Segment> segments = new LinkedHashMap<>();
    first.forEach(segment -> segments.put(segment.chain().name(), segment));
    tiers.forEach(segment -> segments.put(segment.chain().name(), segment));
    return segments;
  }

  /**
   * @param from the first tier it asks: 0 for the first chain, else for the one of what is tracked
   */
  private Segment segment(
      int from, List<Part> parts, int failsafes, RuleOrigin end, Verdicts verdicts) {
    List<Stage> asked = stages().subList(from, stages().size());
    NftChain chain = chain(from == 0 ? chain() : trackedChain(), asked);
    return new Segment(direction(), chain, parts, failsafes, end, verdicts);
  }

  private static NftChain chain(String name, List<Stage> stages) {
    List<?> policies =
        stages.stream().flatMap(s -> s.members().stream()).map(Member::policy).toList();
    return NftChain.regular(name)
        .comment(Naming.comment(policies.isEmpty() ? "no policy" : Naming.list(policies)));
  }

  private String tierChain(int stage) {
    return chain() + "/tier/" + stage;
  }

  private String trackedChain() {
    return chain() + "/tracked";
  }

  /** All that the rules depend on. */
  private String meaning() {
    return Stream.of(untracked, preDnat, tracked, near, far, open).map(Object::toString).toList()
        + "";
  }

  private List<NftRule> failsafes() {
    List<NftRule> rules = new ArrayList<>();
    End other = direction() == Direction.INGRESS ? End.SOURCE : End.DESTINATION;
    EndFields fields =
        switch (path) {
          case RAW_IN, RAW_OUT -> EndFields.PACKET;
          case PRE_DNAT -> EndFields.ADDRESSED;
          case INPUT, OUTPUT, FORWARD_IN, FORWARD_OUT -> EndFields.CONNECTION;
        };
    if (!path.isForward()) {
      near.forEach(f -> rules.add(rule(fields, f, End.DESTINATION, other, "")));
      far.forEach(f -> rules.add(rule(fields, f, End.SOURCE, other, "")));
    }
    return rules;
  }

  /**
   * @param port the end whose port it is
   * @param other the end that is not the node
   * @param next where to go; empty to accept
   */
  private static NftRule rule(
      EndFields fields, Failsafe failsafe, End port, End other, String next) {
    Alternative open =
        Alternative.of(
            failsafe.protocol(), equal(fields.port(port), NftValue.port(failsafe.port())));
    Optional<Alternative> all =
        failsafe
            .net()
            .map(net -> within(fields, other, net))
            .map(within -> open.and(within).orElseThrow())
            .or(() -> Optional.of(open));
    List<NftStatement> statements = new ArrayList<>(all.orElseThrow().test());
    statements.add(next.isEmpty() ? accept() : verdict(NftVerdict.goTo(next)));
    return new NftRule(statements, Optional.of("failsafe"));
  }

  private static Alternative within(EndFields fields, End end, Cidr net) {
    NftSelector address = fields.address(end, net.family());
    NftValue network = Skeleton.value(net.network());
    if (net.prefixLength() == 0) {
      return Alternative.of(net.family());
    }
    return Alternative.of(
        net.family(),
        net.isSingleAddress()
            ? equal(address, network)
            : new NftStatement.InPrefix(address, network, net.prefixLength(), false));
  }
}
