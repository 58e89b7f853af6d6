package io.portolan.policy.cases;

import io.portolan.policy.cases.HostEnds.HostEnd;
import io.portolan.policy.compile.AskedTier;
import io.portolan.policy.compile.PolicyCompiler;
import io.portolan.policy.compile.RuleOrigin;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.EndpointId;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Flow;
import io.portolan.policy.nft.FlowWalk;
import io.portolan.policy.nft.HostPath;
import io.portolan.policy.nft.Skeleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The form that programs the kernel, of all pods at once and of the host endpoints of one node at a
 * time, which is another one as soon as it is asked about.
 *
 * <p>Not thread-safe.
 */
final class CompiledCluster {
  private final DesiredTable table = new DesiredTable();
  private final PolicyCompiler compiler = new PolicyCompiler(table);
  private FlowWalk walk = new FlowWalk(table.image());
  private HostEnds hosts = HostEnds.NONE;
  private Optional<ClusterChange.ThisNode> standing = Optional.empty();

  /**
   * One place where a connection was judged.
   *
   * @param tiers tells which may have been asked there; good until the next change
   */
  record Judgement(FlowWalk.Decision decision, Supplier<List<AskedTier>> tiers) {}

  /**
   * @param next host endpoints as they are with the changes
   */
  void become(List<ClusterChange> changes, HostEnds next) {
    hosts = next;
    standing = standing.map(before -> next.node(before.name()));
    changes.forEach(compiler::apply);
    standing.ifPresent(compiler::apply);
    settle();
  }

  private void settle() {
    compiler.settle();
    table.committed();
    walk = new FlowWalk(table.image());
  }

  Judgement pod(Direction direction, EndpointId pod, Flow flow) {
    return new Judgement(walk.decide(direction, flow), () -> compiler.asked(pod, direction));
  }

  Judgement toOwnNode(EndpointId pod, Flow flow) {
    return new Judgement(walk.decideToOwnNode(flow), () -> compiler.asked(pod, Direction.EGRESS));
  }

  /**
   * What becomes of the first packet of a connection at a host endpoint, place by place until it is
   * denied or through.
   *
   * @param direction ingress for what the node receives, egress for what it sends
   */
  List<Judgement> host(Direction direction, HostEnd end, Flow flow) {
    ClusterChange.ThisNode node = hosts.node(end.node());
    if (standing.filter(node::equals).isEmpty()) {
      standing = Optional.of(node);
      compiler.apply(node);
      settle();
    }
    boolean ingress =
        switch (direction) {
          case INGRESS -> true;
          case EGRESS -> false;
        };
    List<Judgement> judgements = new ArrayList<>();
    Judgement raw = at(ingress ? HostPath.RAW_IN : HostPath.RAW_OUT, end, flow, false);
    judgements.add(raw);
    boolean tracked = !walk.untracks(raw.decision());
    if (raw.decision().allowed() && ingress && tracked) {
      judgements.add(at(HostPath.PRE_DNAT, end, flow, true));
    }
    if (judgements.getLast().decision().allowed()) {
      judgements.add(at(ingress ? HostPath.INPUT : HostPath.OUTPUT, end, flow, tracked));
    }
    return judgements;
  }

  private Judgement at(HostPath path, HostEnd end, Flow flow, boolean tracked) {
    return new Judgement(
        walk.decide(path, end.link(), flow, tracked), () -> compiler.asked(path, end.link()));
  }

  /** Why it passes or not at a host endpoint. */
  Ruling.Reason reason(List<Judgement> judgements, Flow flow) {
    Optional<RuleOrigin> origin = origin(judgements.getLast().decision());
    if (origin.isEmpty() && Skeleton.isLinkUpkeep(flow)) {
      return Ruling.Exempt.LINK_UPKEEP;
    }
    // Where nothing is asked, profiles let all pass.
    return new Ruling.Policed(origin.orElseGet(RuleOrigin.OfProfiles::new));
  }

  /**
   * What the rule that decided is there for; empty if none did, or one of the skeleton that lets
   * pass.
   */
  Optional<RuleOrigin> origin(FlowWalk.Decision decision) {
    Optional<RuleOrigin> origin =
        decision.path().isEmpty() ? Optional.empty() : origin(decision.path().getLast());
    if (origin.isEmpty() && !decision.allowed()) {
      throw new IllegalStateException("denied by no policy's rule: " + decision.path());
    }
    return origin;
  }

  Optional<RuleOrigin> origin(FlowWalk.Step step) {
    return compiler.origin(step.chain(), step.rule());
  }
}
