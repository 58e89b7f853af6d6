package io.portolan.policy.cases;

import io.portolan.common.kube.NodeAddressesRecord;
import io.portolan.common.kube.PodRecord;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.policy.cases.CompiledCluster.Judgement;
import io.portolan.policy.cases.HostEnds.HostEnd;
import io.portolan.policy.compile.AskedTier;
import io.portolan.policy.compile.RuleOrigin;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.EndpointId;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.PodName;
import io.portolan.policy.model.Tier;
import io.portolan.policy.nft.Flow;
import io.portolan.policy.nft.FlowWalk;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Answers probes from the compiled form that programs the kernel, with every pod of the cluster
 * compiled as if it ran on one node: each end of a connection is judged where its pod is, and what
 * is judged there depends on the cluster only. Of host endpoints, {@link HostEnds} says which one
 * an address means; what a node forwards is not asked about.
 *
 * <p>Goes from one state of the cluster to the next by their difference, as an agent does.
 *
 * <p>Not thread-safe.
 */
public final class ProbedCluster {
  private final CompiledCluster compiled = new CompiledCluster();
  private final Map<PodName, String> interfaces = new HashMap<>();

  private ClusterState state = ClusterState.EMPTY;
  private AddressHolders holders = AddressHolders.NOBODY;
  private HostEnds hosts = HostEnds.NONE;
  private Map<PodName, LocalPod> wired = Map.of();

  /**
   * An end of a connection.
   *
   * @param node of the pod, or the one whose own address it is; empty if it is neither
   * @param host the host endpoint that is for an address of the node itself
   */
  private record Place(
      IpAddress address, Optional<PodName> policed, String node, Optional<HostEnd> host) {
    boolean isNode() {
      return policed.isEmpty() && !node.isEmpty();
    }

    boolean isOn(String other) {
      return !node.isEmpty() && node.equals(other);
    }
  }

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
    hosts = HostEnds.of(next, holders);
    compiled.become(changes, hosts);
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
    Ends ends = new Ends(probe);
    return new ProbeAnswer(
        ends.egress().map(Explained::ruling), ends.ingress().map(Explained::ruling));
  }

  /**
   * @throws MalformedInputException likewise
   */
  public Explanation explain(Probe probe) throws MalformedInputException {
    Ends ends = new Ends(probe);
    Optional<Explained> egress = ends.egress();
    // Before the other end's node takes the place of this one's.
    List<TierStep> egressSteps = egress.map(this::steps).orElse(List.of());
    Optional<Explained> ingress = ends.ingress();
    return new Explanation(
        new ProbeAnswer(egress.map(Explained::ruling), ingress.map(Explained::ruling)),
        egressSteps,
        ingress.map(this::steps).orElse(List.of()));
  }

  /** A probe's ends, to be asked one after the other. */
  private final class Ends {
    private final Place source;
    private final Place destination;
    private final Flow flow;

    Ends(Probe probe) throws MalformedInputException {
      source = place("from", probe.from(), probe.family());
      destination = place("to", probe.to(), probe.family());
      flow = probe.flow(source.address(), destination.address());
    }

    Optional<Explained> egress() {
      return end(Direction.EGRESS, source, destination, flow);
    }

    Optional<Explained> ingress() {
      return end(Direction.INGRESS, destination, source, flow);
    }
  }

  /**
   * What one end says.
   *
   * @param judgements the places where it was decided, the last one by that; none if nothing was
   *     asked
   */
  private record Explained(Ruling ruling, List<Judgement> judgements) {
    static Explained exempt(Ruling.Exempt reason) {
      return new Explained(new Ruling(true, reason), List.of());
    }
  }

  private Optional<Explained> end(Direction direction, Place subject, Place peer, Flow flow) {
    return subject
        .policed()
        .map(pod -> pod(direction, subject, pod, peer, flow))
        .or(() -> subject.host().map(host -> host(direction, host, peer, flow)));
  }

  private List<TierStep> steps(Explained explained) {
    Optional<RuleOrigin> decided =
        explained.ruling().reason() instanceof Ruling.Policed(RuleOrigin origin)
            ? Optional.of(origin)
            : Optional.empty();
    if (decided.isEmpty() || decided.get() instanceof RuleOrigin.OfFailsafe) {
      return List.of();
    }
    boolean allowed = explained.ruling().allowed();
    List<TierStep> steps = new ArrayList<>();
    for (Judgement judgement : explained.judgements()) {
      // The rules that decided or ended a tier; others left no trace.
      Map<String, RuleOrigin.OfRule> telling = new HashMap<>();
      for (FlowWalk.Step step : judgement.decision().path()) {
        if (compiled.origin(step).orElse(null) instanceof RuleOrigin.OfRule rule) {
          telling.put(rule.tier(), rule);
        }
      }
      for (AskedTier tier : judgement.tiers().get()) {
        Optional<RuleOrigin.OfRule> by =
            Optional.ofNullable(telling.get(tier.tier().name()))
                .filter(rule -> tier.policies().contains(rule.policy()));
        boolean isLast =
            by.map(rule -> decided.filter(rule::equals).isPresent())
                .orElse(tier.tier().end() == Tier.End.DENY);
        TierStep.Outcome outcome =
            !isLast
                ? TierStep.Outcome.PASS
                : allowed ? TierStep.Outcome.ALLOW : TierStep.Outcome.DENY;
        steps.add(new TierStep(tier, outcome, by));
        if (isLast) {
          return steps;
        }
      }
    }
    return steps;
  }

  /**
   * Whether an end of the probe is an address that a host endpoint is for.
   *
   * @throws MalformedInputException likewise
   */
  public boolean meetsHostEndpoint(Probe probe) throws MalformedInputException {
    return place("from", probe.from(), probe.family()).host().isPresent()
        || place("to", probe.to(), probe.family()).host().isPresent();
  }

  /** Whether the pod runs with an address of its own of that family. */
  boolean polices(PodName pod, IpFamily family) {
    LocalPod local = wired.get(pod);
    return local != null && first(local.addresses(), family).isPresent();
  }

  /** Addresses of nodes that host endpoints are for. */
  Set<IpAddress> policedHosts() {
    return hosts.addresses();
  }

  private Explained pod(Direction direction, Place place, PodName subject, Place peer, Flow flow) {
    if (peer.policed().filter(subject::equals).isPresent()) {
      return Explained.exempt(Ruling.Exempt.ITSELF);
    }
    if (peer.isNode() && peer.isOn(place.node())) {
      return toOwnNode(direction, subject, flow);
    }
    Judgement judgement = compiled.pod(direction, local(subject), flow);
    return compiled
        .origin(judgement.decision())
        .map(origin -> explained(judgement.decision().allowed(), origin, List.of(judgement)))
        .orElseGet(() -> Explained.exempt(Ruling.Exempt.NO_POLICY));
  }

  /** What the node opens is not judged; what pods open to it is, but not by NetworkPolicy. */
  private Explained toOwnNode(Direction direction, PodName subject, Flow flow) {
    if (direction == Direction.INGRESS) {
      return Explained.exempt(Ruling.Exempt.OWN_NODE);
    }
    Judgement judgement = compiled.toOwnNode(local(subject), flow);
    boolean allowed = judgement.decision().allowed();
    return compiled
        .origin(judgement.decision())
        .filter(by -> !allowed || by instanceof RuleOrigin.OfRule)
        .map(by -> explained(allowed, by, List.of(judgement)))
        .orElseGet(() -> Explained.exempt(Ruling.Exempt.OWN_NODE));
  }

  /** Between a node and itself or its pods no host endpoint is asked. */
  private Explained host(Direction direction, HostEnd host, Place peer, Flow flow) {
    if (peer.isOn(host.node())) {
      return Explained.exempt(Ruling.Exempt.OWN_NODE);
    }
    List<Judgement> judgements = compiled.host(direction, host, flow);
    return new Explained(
        new Ruling(judgements.getLast().decision().allowed(), compiled.reason(judgements, flow)),
        judgements);
  }

  private static Explained explained(
      boolean allowed, RuleOrigin origin, List<Judgement> judgements) {
    return new Explained(new Ruling(allowed, new Ruling.Policed(origin)), judgements);
  }

  private EndpointId local(PodName pod) {
    return Objects.requireNonNull(wired.get(pod)).id();
  }

  private Place place(String field, ProbeEnd end, IpFamily family) throws MalformedInputException {
    return switch (end) {
      case ProbeEnd.OfAddress(IpAddress address) -> {
        Optional<PodName> holder = holders.pod(address);
        yield holder
            .map(pod -> podPlace(address, pod))
            .orElseGet(() -> nodePlace(address, hosts.node(address).orElse("")));
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
          yield nodePlace(hostAddress(field, pod, family), pod.node());
        }
        LocalPod local = wired.get(name);
        yield podPlace(
            first(local == null ? List.of() : local.addresses(), family)
                .orElseThrow(() -> none(field, name, family)),
            name);
      }
    };
  }

  private Place podPlace(IpAddress address, PodName pod) {
    String node = Objects.requireNonNull(state.pods().get(pod)).node();
    return new Place(address, Optional.of(pod), node, Optional.empty());
  }

  private Place nodePlace(IpAddress address, String node) {
    return new Place(address, Optional.empty(), node, hosts.at(node, address));
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
