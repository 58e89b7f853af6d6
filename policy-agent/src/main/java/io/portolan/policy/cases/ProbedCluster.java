package io.portolan.policy.cases;

import io.portolan.common.kube.NodeAddressesRecord;
import io.portolan.common.kube.PodRecord;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.policy.compile.AskedTier;
import io.portolan.policy.compile.PolicyCompiler;
import io.portolan.policy.compile.RuleOrigin;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.PodName;
import io.portolan.policy.model.Tier;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Flow;
import io.portolan.policy.nft.FlowWalk;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Answers probes from the compiled form that programs the kernel, with every pod of the cluster
 * compiled as if it ran on one node: each end of a connection is judged where its pod is, and what
 * is judged there depends on the cluster only.
 *
 * <p>Goes from one state of the cluster to the next by their difference, as an agent does.
 *
 * <p>Not thread-safe.
 */
public final class ProbedCluster {
  private final DesiredTable table = new DesiredTable();
  private final PolicyCompiler compiler = new PolicyCompiler(table);
  private final Map<PodName, String> interfaces = new HashMap<>();
  private FlowWalk walk = new FlowWalk(table.image());

  private ClusterState state = ClusterState.EMPTY;
  private AddressHolders holders = AddressHolders.NOBODY;
  private Map<PodName, LocalPod> wired = Map.of();

  /** An end of a connection; {@code node} is empty unless the address is a node's. */
  private record Place(IpAddress address, Optional<PodName> policed, String node) {}

  /** Takes the place of the state before. */
  public void become(ClusterState next) {
    holders = AddressHolders.of(next);
    Map<PodName, LocalPod> nextWired = wiring();
    List<ClusterChange> changes = new ArrayList<>();
    wired.forEach((name, local) -> {
      if (!local.equals(nextWired.get(name))) {
        changes.add(new ClusterChange.PodUnwired(local.id()));
      }
    });
    changes.addAll(next.changesSince(state));
    nextWired.forEach((name, local) -> {
      if (!local.equals(wired.get(name))) {
        changes.add(new ClusterChange.PodWired(local));
      }
    });
    changes.forEach(compiler::apply);
    compiler.settle();
    table.committed();
    walk = new FlowWalk(table.image());
    state = next;
    wired = nextWired;
  }

  /** Who holds which address in this state. */
  public AddressHolders holders() {
    return holders;
  }

  /**
   * The connection of a probe.
   *
   * @throws MalformedInputException if the probe is from or to what the cluster does not have
   */
  public Flow flow(Probe probe) throws MalformedInputException {
    return probe.flow(
        place("from", probe.from(), probe.family()).address(),
        place("to", probe.to(), probe.family()).address());
  }

  /**
   * @throws MalformedInputException if the probe is from or to what the cluster does not have
   */
  public ProbeAnswer answer(Probe probe) throws MalformedInputException {
    Place source = place("from", probe.from(), probe.family());
    Place destination = place("to", probe.to(), probe.family());
    Flow flow = probe.flow(source.address(), destination.address());
    return new ProbeAnswer(
        source.policed().map(pod -> rule(Direction.EGRESS, pod, destination, flow)),
        destination.policed().map(pod -> rule(Direction.INGRESS, pod, source, flow)));
  }

  /**
   * @throws MalformedInputException likewise
   */
  public Explanation explain(Probe probe) throws MalformedInputException {
    ProbeAnswer answer = answer(probe);
    Place source = place("from", probe.from(), probe.family());
    Place destination = place("to", probe.to(), probe.family());
    Flow flow = probe.flow(source.address(), destination.address());
    return new Explanation(
        answer,
        steps(Direction.EGRESS, source, answer.egress(), flow),
        steps(Direction.INGRESS, destination, answer.ingress(), flow));
  }

  private List<TierStep> steps(
      Direction direction, Place subject, Optional<Ruling> ruling, Flow flow) {
    boolean asked = ruling.filter(r -> r.reason() instanceof Ruling.Policed).isPresent();
    if (!asked || subject.policed().isEmpty()) {
      return List.of();
    }
    // The rules that decided or ended a tier; others left no trace.
    Map<String, RuleOrigin.OfRule> telling = new HashMap<>();
    for (FlowWalk.Step step : walk.decide(direction, flow).path()) {
      if (compiler.origin(step.chain(), step.rule()).orElse(null)
          instanceof RuleOrigin.OfRule rule) {
        telling.put(rule.tier(), rule);
      }
    }
    boolean allowed = ruling.orElseThrow().allowed();
    Optional<RuleOrigin> decided =
        ruling
            .filter(r -> r.reason() instanceof Ruling.Policed)
            .map(r -> ((Ruling.Policed) r.reason()).origin());
    List<TierStep> steps = new ArrayList<>();
    LocalPod local = Objects.requireNonNull(wired.get(subject.policed().get()));
    for (AskedTier tier : compiler.asked(local.id(), direction)) {
      Optional<RuleOrigin.OfRule> by = Optional.ofNullable(telling.get(tier.tier().name()));
      boolean isLast =
          by.map(rule -> decided.filter(rule::equals).isPresent())
              .orElse(tier.tier().end() == Tier.End.DENY);
      TierStep.Outcome outcome =
          !isLast
              ? TierStep.Outcome.PASS
              : allowed ? TierStep.Outcome.ALLOW : TierStep.Outcome.DENY;
      steps.add(new TierStep(tier, outcome, by));
      if (isLast) {
        break;
      }
    }
    return steps;
  }

  /** Whether the pod runs with an address of its own of that family. */
  boolean polices(PodName pod, IpFamily family) {
    LocalPod local = wired.get(pod);
    return local != null && first(local.addresses(), family).isPresent();
  }

  private Ruling rule(Direction direction, PodName subject, Place peer, Flow flow) {
    if (peer.policed().filter(subject::equals).isPresent()) {
      return new Ruling(true, Ruling.Exempt.ITSELF);
    }
    PodRecord pod = Objects.requireNonNull(state.pods().get(subject));
    if (!peer.node().isEmpty() && peer.node().equals(pod.node())) {
      return toOwnNode(direction, flow);
    }
    FlowWalk.Decision decision = walk.decide(direction, flow);
    return decision.path().isEmpty()
        ? new Ruling(true, Ruling.Exempt.NO_POLICY)
        : new Ruling(decision.allowed(), policed(decision));
  }

  /** What the node opens is not judged; what pods open to it is, but not by NetworkPolicy. */
  private Ruling toOwnNode(Direction direction, Flow flow) {
    Ruling exempt = new Ruling(true, Ruling.Exempt.OWN_NODE);
    if (direction == Direction.INGRESS) {
      return exempt;
    }
    FlowWalk.Decision decision = walk.decideToOwnNode(flow);
    if (decision.path().isEmpty()) {
      return exempt;
    }
    Ruling.Policed reason = policed(decision);
    boolean byRule = reason.origin() instanceof RuleOrigin.OfRule;
    return decision.allowed() && !byRule ? exempt : new Ruling(decision.allowed(), reason);
  }

  private Ruling.Policed policed(FlowWalk.Decision decision) {
    FlowWalk.Step last = decision.path().getLast();
    return new Ruling.Policed(
        compiler
            .origin(last.chain(), last.rule())
            .orElseThrow(() -> new IllegalStateException("no policy's rule: " + last)));
  }

  private Place place(String field, ProbeEnd end, IpFamily family) throws MalformedInputException {
    return switch (end) {
      case ProbeEnd.OfAddress(IpAddress address) -> {
        Optional<PodName> holder = holders.pod(address);
        yield new Place(
            address, holder, holder.isPresent() ? "" : holders.node(address).orElse(""));
      }
      case ProbeEnd.OfPod(PodName name) -> {
        PodRecord pod = state.pods().get(name);
        if (pod == null) {
          throw new MalformedInputException(field, "there is no pod " + name);
        }
        if (pod.finished()) {
          throw new MalformedInputException(field, "pod " + name + " is finished");
        }
        if (pod.hostNetwork()) {
          yield new Place(hostAddress(field, pod, family), Optional.empty(), pod.node());
        }
        LocalPod local = wired.get(name);
        yield new Place(
            first(local == null ? List.of() : local.addresses(), family)
                .orElseThrow(() -> none(field, name, family)),
            Optional.of(name),
            "");
      }
    };
  }

  private IpAddress hostAddress(String field, PodRecord pod, IpFamily family)
      throws MalformedInputException {
    NodeAddressesRecord node = state.nodes().get(pod.node());
    return first(pod.ips(), family)
        .or(() -> first(node == null ? List.of() : node.addresses(), family))
        .orElseThrow(() -> none(field, new PodName(pod.namespace(), pod.name()), family));
  }

  private static MalformedInputException none(String field, PodName pod, IpFamily family) {
    String text = family == IpFamily.IPV4 ? "IPv4" : "IPv6";
    return new MalformedInputException(field, "pod " + pod + " has no " + text + " address");
  }

  private static Optional<IpAddress> first(List<IpAddress> addresses, IpFamily family) {
    return addresses.stream().filter(address -> address.family() == family).findFirst();
  }

  private Map<PodName, LocalPod> wiring() {
    Map<PodName, LocalPod> wiring = new LinkedHashMap<>();
    for (AddressHolders.HoldingPod pod : holders.pods()) {
      wiring.put(
          pod.name(), new LocalPod(pod.name(), pod.uid(), link(pod.name()), pod.addresses()));
    }
    interfaces.keySet().retainAll(wiring.keySet());
    return wiring;
  }

  private int links;

  private String link(PodName name) {
    return interfaces.computeIfAbsent(name, _ -> "pod" + links++);
  }
}
