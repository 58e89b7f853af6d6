package io.portolan.policy.agent;

import io.portolan.common.kube.PodRecord;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.agent.UnclaimedLinks.Claim;
import io.portolan.policy.agent.UnclaimedLinks.Step;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.PodName;
import io.portolan.policy.nft.BridgedPods;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the pods of this node where another program wires them: by the API, and by what leads to
 * their addresses.
 *
 * <p>A pod counts as wired as soon as its status shows an address that a link leads to; where the
 * plugin names links after pods ({@link PodLinkName}) that is not waited for. What leads into the
 * container of a pod is the pod's, too. Other addresses in containers are closed for as long as
 * they may become a pod's ({@link UnclaimedLinks}).
 *
 * <p>A pod to which no link leads is looked for again whenever the node's network changes, and is
 * told of until it is found or gone.
 *
 * <p>Used by the threads of the pod watch and of the network watch.
 */
public final class NodePods implements PodListener, NetworkWatch.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(NodePods.class);

  private final String node;
  private final ClusterSink sink;
  private final Consumer<List<BridgedPods>> bridges;
  private final boolean closeUnclaimed;
  private final LongSupplier nanoTime;

  // All guarded by this; nothing here waits for anything.
  private final Map<PodName, PodRecord> here = new TreeMap<>();
  private final Map<PodName, Map<String, LocalPod>> wired = new HashMap<>();
  private final Map<PodName, PodRecord> notFound = new TreeMap<>();
  private final UnclaimedLinks unclaimed = new UnclaimedLinks();
  private NodeNetwork network = NodeNetwork.EMPTY;
  private Optional<List<BridgedPods>> reportedBridges = Optional.empty();
  private boolean seenNetwork;
  private boolean listed;

  /**
   * @param bridges hears which pods hang on bridges whenever that changes; must not wait
   * @param closeUnclaimed whether addresses that may become a pod's are closed
   * @param nanoTime as {@link System#nanoTime}
   */
  public NodePods(
      String node,
      ClusterSink sink,
      Consumer<List<BridgedPods>> bridges,
      boolean closeUnclaimed,
      LongSupplier nanoTime) {
    this.node = node;
    this.sink = sink;
    this.bridges = bridges;
    this.closeUnclaimed = closeUnclaimed;
    this.nanoTime = nanoTime;
  }

  @Override
  public synchronized void seen(PodRecord pod) {
    PodName name = new PodName(pod.namespace(), pod.name());
    boolean isHere = pod.node().equals(node) && pod.needsAddress();
    if (!isHere && !here.containsKey(name)) {
      // Most of a large cluster's pods.
      return;
    }
    boolean isAnother =
        Optional.ofNullable(here.get(name)).filter(old -> !old.uid().equals(pod.uid())).isPresent();
    if (!isHere || isAnother) {
      end(name);
    }
    if (isHere) {
      here.put(name, pod);
      look(name, pod);
    }
    settle();
  }

  @Override
  public synchronized void gone(PodName name) {
    if (here.containsKey(name)) {
      end(name);
      settle();
    }
  }

  @Override
  public synchronized void listed() {
    listed = true;
    settle();
  }

  @Override
  public synchronized void network(NodeNetwork now) {
    if (!now.equals(network)) {
      network = now;
      here.forEach(this::look);
    }
    settle();
    seenNetwork = true;
  }

  /** Which pods are not policed for want of a link, for people; empty if all are. */
  public synchronized Optional<String> problem() {
    return notFound.isEmpty()
        ? Optional.empty()
        : Optional.of(
            notFound.entrySet().stream()
                .map(entry -> problem(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining("; ")));
  }

  /** How many addresses are closed until it is known whose they are. */
  public synchronized long closedUnclaimed() {
    return unclaimed.closed();
  }

  /** How many addresses in containers are not policed, as they seem to be no pod's. */
  public synchronized long openUnclaimed() {
    return unclaimed.opened();
  }

  private static String problem(PodName name, PodRecord pod) {
    return "no link of its own leads to pod %s (%s): it is not policed"
        .formatted(
            name, pod.ips().stream().map(IpAddress::toString).collect(Collectors.joining(", ")));
  }

  private void look(PodName name, PodRecord pod) {
    Map<String, List<IpAddress>> found = links(name, pod);
    if (!found.isEmpty()) {
      notFound.remove(name);
      Map<String, LocalPod> next = new LinkedHashMap<>();
      found.forEach(
          (link, addresses) -> next.put(link, new LocalPod(name, pod.uid(), link, addresses)));
      wire(name, next);
    } else if (!wired.containsKey(name)
        && !pod.ips().isEmpty()
        && notFound.put(name, pod) == null) {
      // One that had a link keeps its rules: its plugin has removed the route as it ends.
      LOG.warn("{}", problem(name, pod));
    }
  }

  /** The addresses of a pod by the links that lead to them. */
  private Map<String, List<IpAddress>> links(PodName name, PodRecord pod) {
    Map<String, List<IpAddress>> found = new LinkedHashMap<>();
    List<IpAddress> loose = new ArrayList<>();
    for (IpAddress address : pod.ips()) {
      network
          .towards(address)
          .ifPresentOrElse(link -> put(found, link, address), () -> loose.add(address));
    }
    if (pod.ips().isEmpty()) {
      network
          .named(PodLinkName.of(name))
          .forEach(route -> put(found, route.link(), route.address()));
    }
    for (String link : List.copyOf(found.keySet())) {
      network.beside(link).forEach(route -> put(found, route.link(), route.address()));
    }
    // Policed by their address all the same.
    found.entrySet().stream().findFirst().ifPresent(first -> first.getValue().addAll(loose));
    return found;
  }

  private static void put(Map<String, List<IpAddress>> found, String link, IpAddress address) {
    List<IpAddress> addresses = found.computeIfAbsent(link, _ -> new ArrayList<>(2));
    if (!addresses.contains(address)) {
      addresses.add(address);
    }
  }

  private void wire(PodName name, Map<String, LocalPod> next) {
    Map<String, LocalPod> known = Optional.ofNullable(wired.put(name, next)).orElse(Map.of());
    next.forEach((link, pod) -> {
      if (!pod.equals(known.get(link))) {
        sink.changed(new ClusterChange.PodWired(pod));
      }
    });
    // After the others: a route that leads by another link now leaves no moment in between.
    known.forEach((link, pod) -> {
      if (!next.containsKey(link)) {
        sink.changed(new ClusterChange.PodUnwired(pod.id()));
      }
    });
  }

  private void end(PodName name) {
    here.remove(name);
    notFound.remove(name);
    Optional.ofNullable(wired.remove(name))
        .ifPresent(links ->
            links
                .values()
                .forEach(pod -> {
                  sink.changed(new ClusterChange.PodUnwired(pod.id()));
                  pod.addresses()
                      .forEach(address -> unclaimed.ended(new Claim(pod.hostInterface(), address)));
                }));
  }

  /** What follows from pods and network together. */
  private void settle() {
    if (closeUnclaimed) {
      boolean awaited = here.keySet().stream().anyMatch(name -> !wired.containsKey(name));
      for (Step step :
          unclaimed.next(claims(), !seenNetwork, listed, awaited, nanoTime.getAsLong())) {
        take(step);
      }
    }
    // Not one by one while they are listed: others may be policed by a former run still.
    List<BridgedPods> now = network.bridged(locals().toList());
    if (listed && !reportedBridges.equals(Optional.of(now))) {
      reportedBridges = Optional.of(now);
      bridges.accept(now);
    }
  }

  private void take(Step step) {
    switch (step) {
      case Step.Close(Claim claim) -> sink.isolated(claim.pod());
      case Step.CloseWithTheRest(Claim claim) ->
          sink.changed(new ClusterChange.PodWired(claim.pod()));
      case Step.Forget(Claim claim) -> sink.changed(new ClusterChange.PodUnwired(claim.pod().id()));
      case Step.Open(Claim claim) -> {
        LOG.warn(
            "no pod of this node has {} behind {}: it is not policed",
            claim.address(),
            claim.link());
        sink.changed(new ClusterChange.PodUnwired(claim.pod().id()));
      }
    }
  }

  /** The addresses in containers that no pod has. */
  private Set<Claim> claims() {
    Set<IpAddress> pods =
        locals().flatMap(pod -> pod.addresses().stream()).collect(Collectors.toSet());
    Set<Claim> claims = new HashSet<>();
    network.routes().values().stream()
        .filter(route -> route.container().isPresent())
        .filter(route -> !pods.contains(route.address()) && !isOfLink(route.address()))
        .forEach(route -> claims.add(new Claim(route.link(), route.address())));
    // A bridge that no pod was ever seen on is somebody else's.
    for (BridgedPods bridge : network.bridged(locals().toList())) {
      bridge.inContainers().stream()
          .filter(address -> !pods.contains(address))
          .forEach(address -> claims.add(new Claim(bridge.bridge(), address)));
    }
    return claims;
  }

  /** Link-local: such an address means something on its link only, and many may have it. */
  private static boolean isOfLink(IpAddress address) {
    return address.toInetAddress().isLinkLocalAddress();
  }

  private Stream<LocalPod> locals() {
    return wired.values().stream()
        .flatMap(links -> links.values().stream())
        .sorted(Comparator.comparing(LocalPod::id));
  }
}
