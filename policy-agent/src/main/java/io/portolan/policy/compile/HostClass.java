package io.portolan.policy.compile;

import static io.portolan.linux.nft.NftStatement.accept;
import static io.portolan.linux.nft.NftStatement.counter;
import static io.portolan.linux.nft.NftStatement.ctState;
import static io.portolan.linux.nft.NftStatement.drop;
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
import io.portolan.policy.nft.TableImage.ChainImage;
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

  /** Whether all passes. */
  boolean isIdle() {
    return open && stages().isEmpty();
  }

  /** The chain that decides first. */
  String chain() {
    return name(0);
  }

  @Override
  public List<Use> policies() {
    List<Use> uses = new ArrayList<>();
    for (int i = 0; i < stages().size(); i++) {
      uses.addAll(uses(i));
    }
    return uses;
  }

  private List<Use> uses(int stage) {
    Optional<String> next = Optional.of(name(stage + 1));
    return stages().get(stage).members().stream()
        .map(member -> new Use(member.policy(), member.passes() ? next : Optional.empty()))
        .toList();
  }

  @Override
  public SequencedMap<String, Segment> segments(Reporting reporting) {
    List<Stage> stages = stages();
    int decidedBefore = untracked.size() + preDnat.size();
    SequencedMap<String, Segment> segments = new LinkedHashMap<>();
    Verdicts verdicts = new Verdicts(reporting, name(0), Optional.empty());
    List<NftRule> rules = new ArrayList<>(failsafes());
    int failsafes = rules.size();
    // What stays open was let past the policies on what is addressed.
    boolean past = !preDnat.isEmpty() && path != HostPath.PRE_DNAT;
    if (past) {
      near.forEach(f ->
          rules.add(
              rule(EndFields.ADDRESSED, f, End.DESTINATION, End.SOURCE, name(decidedBefore))));
    }
    int first = 0;
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      for (Use use : uses(i)) {
        List<NftStatement> jump = new ArrayList<>();
        if (i < untracked.size() && !path.isRaw()) {
          jump.add(ctState(CtState.UNTRACKED));
        }
        jump.add(jump(Naming.policyChain(use.policy(), direction(), use.next())));
        rules.add(new NftRule(jump, Optional.empty()));
      }
      boolean ends = stage.tier().end() == Tier.End.DENY;
      if (ends) {
        rules.addAll(
            verdicts.ofTierEnd(
                new RuleOrigin.OfTierEnd(stage.tier().name()),
                direction(),
                stage.members().stream().map(Member::policy).toList()));
      }
      if (stage.passes() || ends || (past && i + 1 == decidedBefore)) {
        if (!ends) {
          rules.add(NftRule.of(verdict(NftVerdict.goTo(name(i + 1)))));
        }
        RuleOrigin end = new RuleOrigin.OfTierEnd(stage.tier().name());
        put(segments, first, rules, failsafes, end, verdicts);
        first = i + 1;
        verdicts = new Verdicts(reporting, name(first), Optional.empty());
        rules.clear();
        failsafes = 0;
        if (!stage.leadsOn()) {
          return segments;
        }
      }
    }
    rules.add(open ? NftRule.of(accept()) : NftRule.of(counter(), drop()));
    put(segments, first, rules, failsafes, new RuleOrigin.OfProfiles(), verdicts);
    return segments;
  }

  private void put(
      SequencedMap<String, Segment> segments,
      int stage,
      List<NftRule> rules,
      int failsafes,
      RuleOrigin end,
      Verdicts verdicts) {
    List<?> policies =
        stages().stream()
            .skip(stage)
            .flatMap(s -> s.members().stream())
            .map(Member::policy)
            .toList();
    NftChain chain =
        NftChain.regular(name(stage))
            .comment(Naming.comment(policies.isEmpty() ? "no policy" : Naming.list(policies)));
    segments.put(
        chain.name(),
        new Segment(new ChainImage(chain, List.copyOf(rules)), failsafes, end, verdicts));
  }

  private String name(int stage) {
    String first = Naming.hostChain(path.text(), meaning());
    return stage == 0 ? first : first + "/" + stage;
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
