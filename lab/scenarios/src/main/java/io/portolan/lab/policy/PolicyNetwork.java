package io.portolan.lab.policy;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.packet.Station;
import io.portolan.linux.route.RouteSocket;
import io.portolan.policy.cases.AddressHolders;
import io.portolan.policy.cases.AddressHolders.HoldingPod;
import io.portolan.policy.cases.ClusterState;
import io.portolan.policy.model.PodName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A cluster as namespaces: pods on nodes, nodes on a router, and on that also one machine that has
 * every other address.
 *
 * <p>Becomes one cluster after another. Not thread-safe.
 */
public final class PolicyNetwork implements AutoCloseable {
  /** Nodes that are kept although the present cluster has none of their name. */
  private static final int KEPT_NODES = 16;

  private final NetworkNamespace fabric = Wiring.router();
  private final RouteSocket routes = RouteSocket.openIn(fabric);
  private final NetworkNamespace outside = Wiring.host();
  private final Station world;
  private final Map<String, PolicyNode> nodes = new TreeMap<>();
  private Map<String, Set<IpAddress>> nodeAddresses = Map.of();
  private Map<PodName, String> places = Map.of();
  private AddressHolders holders = AddressHolders.NOBODY;
  private Set<String> present = Set.of();
  private int nodesMade;

  public PolicyNetwork() {
    routes.apply(Wiring.defaultDown(Wiring.connect(routes, "outside", outside)));
    try (RouteSocket inside = RouteSocket.openIn(outside)) {
      world = Station.onLink(outside, Wiring.eth0(inside), Wiring.UPPER);
    }
  }

  /**
   * Takes the place of the cluster before; returns when its policies are in force.
   *
   * @param ends addresses that packets will be sent from or to
   * @throws IllegalStateException if a kernel refuses the policies
   */
  public void become(ClusterState state, AddressHolders next, Set<IpAddress> ends) {
    Map<String, List<HoldingPod>> pods = new HashMap<>();
    Map<PodName, String> nextPlaces = new HashMap<>();
    for (HoldingPod pod : next.pods()) {
      pods.computeIfAbsent(pod.node(), _ -> new ArrayList<>()).add(pod);
      nextPlaces.put(pod.name(), pod.node());
    }
    Map<String, Set<IpAddress>> own = new HashMap<>();
    next.nodes()
        .forEach((address, node) -> {
          // A node that no packet meets need not be there.
          if (pods.containsKey(node) || ends.contains(address)) {
            own.computeIfAbsent(node, _ -> new HashSet<>()).add(address);
          }
        });
    Set<String> needed = new TreeSet<>(pods.keySet());
    needed.addAll(own.keySet());
    nodes.forEach((name, node) ->
        node.clear(pods.getOrDefault(name, List.of()), own.getOrDefault(name, Set.of())));
    dismiss(needed);
    for (String name : needed) {
      nodes
          .computeIfAbsent(name, _ -> new PolicyNode(routes, "node" + nodesMade++))
          .become(state, pods.getOrDefault(name, List.of()), own.getOrDefault(name, Set.of()));
    }
    present = needed;
    holders = next;
    places = nextPlaces;
    nodeAddresses = own;
  }

  private void dismiss(Set<String> needed) {
    if (nodes.size() > KEPT_NODES) {
      nodes
          .entrySet()
          .removeIf(entry -> {
            boolean gone = !needed.contains(entry.getKey());
            if (gone) {
              entry.getValue().close();
            }
            return gone;
          });
    }
  }

  /** Who sends from an address, and gets what is sent to it. */
  public Station station(IpAddress address) {
    Optional<PodName> pod = holders.pod(address);
    if (pod.isPresent()) {
      return node(Objects.requireNonNull(places.get(pod.get()))).station(pod.get());
    }
    return holders
        .node(address)
        .filter(nodeAddresses::containsKey)
        .map(name -> node(name).station())
        .orElse(world);
  }

  /** Whether it is where all addresses are that nobody in the cluster holds. */
  boolean isWorld(Station station) {
    return station.equals(world);
  }

  private PolicyNode node(String name) {
    return Objects.requireNonNull(nodes.get(name));
  }

  /** No machine knows of a connection afterwards. */
  public void forgetConnections() {
    // Others see no packet.
    present.forEach(name -> node(name).forgetConnections());
  }

  @Override
  public void close() {
    nodes.values().forEach(PolicyNode::close);
    world.close();
    outside.close();
    routes.close();
    fabric.close();
  }
}
