package io.portolan.policy.cases;

import io.portolan.common.kube.NodeAddressesRecord;
import io.portolan.common.kube.PodRecord;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.policy.agent.ClusterFeeds;
import io.portolan.policy.compile.PolicyCompiler;
import io.portolan.policy.compile.RuleOrigin;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.PodName;
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
  private Map<PodName, ClusterPod> pods = Map.of();
  private Map<PodName, LocalPod> wired = Map.of();
  private Map<IpAddress, PodName> owners = Map.of();

  /** Nodes by their addresses, also as their pods in the host's network show them. */
  private Map<IpAddress, String> nodes = Map.of();

  /** An end of a connection; {@code node} is empty unless the address is a node's. */
  private record Place(IpAddress address, Optional<PodName> policed, String node) {}

  /** Takes the place of the state before. */
  public void become(ClusterState next) {
    Map<PodName, ClusterPod> nextPods = new HashMap<>();
    next.pods().forEach((name, record) -> nextPods.put(name, pod(record)));
    owners = owners(nextPods);
    Map<PodName, LocalPod> nextWired = wiring(nextPods);
    List<ClusterChange> changes = new ArrayList<>();
    wired.forEach((name, local) -> {
      if (!local.equals(nextWired.get(name))) {
        changes.add(new ClusterChange.PodUnwired(local.id()));
      }
    });
    pods.keySet().stream()
        .filter(name -> !nextPods.containsKey(name))
        .forEach(name -> changes.add(new ClusterChange.PodGone(name)));
    state
        .facts()
        .forEach((name, fact) -> {
          if (!next.facts().containsKey(name)) {
            changes.add(fact.gone());
          }
        });
    next.facts()
        .forEach((name, fact) -> {
          if (!fact.equals(state.facts().get(name))) {
            changes.add(fact.seen());
          }
        });
    nextPods.forEach((name, pod) -> {
      if (!pod.equals(pods.get(name))) {
        changes.add(new ClusterChange.PodSeen(pod));
      }
    });
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
    pods = nextPods;
    wired = nextWired;
    nodes = nodes(next);
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
      return new Ruling(true, Ruling.Exempt.OWN_NODE);
    }
    FlowWalk.Decision decision = walk.decide(direction, flow);
    if (decision.path().isEmpty()) {
      return new Ruling(true, Ruling.Exempt.NO_POLICY);
    }
    FlowWalk.Step last = decision.path().getLast();
    RuleOrigin origin =
        compiler
            .origin(last.chain(), last.rule())
            .orElseThrow(() -> new IllegalStateException("no policy's rule: " + last));
    return new Ruling(decision.allowed(), new Ruling.Policed(origin));
  }

  private Place place(String field, ProbeEnd end, IpFamily family) throws MalformedInputException {
    return switch (end) {
      case ProbeEnd.OfAddress(IpAddress address) -> {
        Optional<PodName> owner = Optional.ofNullable(owners.get(address));
        yield new Place(address, owner, owner.isPresent() ? "" : nodes.getOrDefault(address, ""));
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

  /** UIDs of manifests need not be there, nor differ. */
  private static ClusterPod pod(PodRecord record) {
    ClusterPod pod = ClusterFeeds.clusterPod(record);
    return new ClusterPod(
        pod.name(),
        pod.uid() + " " + pod.name(),
        pod.labels(),
        pod.serviceAccount(),
        pod.finished(),
        pod.addresses(),
        pod.ports(),
        pod.started());
  }

  /** Of several pods that show an address, the one that was there last holds it. */
  private static Map<IpAddress, PodName> owners(Map<PodName, ClusterPod> pods) {
    Map<IpAddress, ClusterPod> latest = new HashMap<>();
    for (ClusterPod pod : pods.values()) {
      for (IpAddress address : pod.addresses()) {
        latest.merge(
            address, pod, (one, other) -> ClusterPod.BY_AGE.compare(one, other) > 0 ? one : other);
      }
    }
    Map<IpAddress, PodName> owners = new HashMap<>();
    latest.forEach((address, pod) -> owners.put(address, pod.name()));
    return owners;
  }

  private Map<PodName, LocalPod> wiring(Map<PodName, ClusterPod> next) {
    interfaces.keySet().retainAll(next.keySet());
    Map<PodName, LocalPod> wiring = new LinkedHashMap<>();
    for (ClusterPod pod : next.values()) {
      List<IpAddress> owned =
          pod.addresses().stream().filter(a -> pod.name().equals(owners.get(a))).toList();
      if (!owned.isEmpty()) {
        wiring.put(pod.name(), new LocalPod(pod.name(), pod.uid(), link(pod.name()), owned));
      }
    }
    return wiring;
  }

  private int links;

  private String link(PodName name) {
    return interfaces.computeIfAbsent(name, _ -> "pod" + links++);
  }

  private static Map<IpAddress, String> nodes(ClusterState state) {
    Map<IpAddress, String> nodes = new HashMap<>();
    for (PodRecord pod : state.pods().values()) {
      if (pod.hostNetwork() && !pod.finished()) {
        pod.ips().forEach(address -> nodes.put(address, pod.node()));
      }
    }
    state
        .nodes()
        .values()
        .forEach(node -> node.addresses().forEach(address -> nodes.put(address, node.name())));
    return nodes;
  }
}
