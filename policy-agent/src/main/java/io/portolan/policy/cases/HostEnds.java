package io.portolan.policy.cases;

import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.HostEndpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which host endpoint an address means. Objects of the API do not say what interfaces nodes have,
 * so an address is at the interface of the first host endpoint (by name) of its node that expects
 * it; else at one of its own, which only an endpoint of every interface is for.
 */
final class HostEnds {
  /** No interface has such a name. */
  private static final String OTHER = "/other";

  static final HostEnds NONE = new HostEnds(List.of(), AddressHolders.NOBODY);

  private final AddressHolders holders;
  private final Map<String, List<HostEndpoint>> byNode = new TreeMap<>();

  /** Of several nodes whose endpoints expect an address, that of the first endpoint. */
  private final Map<IpAddress, String> expecting = new HashMap<>();

  /**
   * An address of a node that has a host endpoint for it.
   *
   * @param link name of the interface among those of {@link #node}
   */
  record HostEnd(String node, String link) {}

  private HostEnds(List<HostEndpoint> byName, AddressHolders holders) {
    this.holders = holders;
    for (HostEndpoint endpoint : byName) {
      byNode.computeIfAbsent(endpoint.node(), _ -> new ArrayList<>()).add(endpoint);
      endpoint.expected().forEach(address -> expecting.putIfAbsent(address, endpoint.node()));
    }
  }

  static HostEnds of(ClusterState state, AddressHolders holders) {
    TreeMap<String, HostEndpoint> byName = new TreeMap<>();
    for (ClusterObject.Fact fact : state.facts().values()) {
      if (fact.seen() instanceof ClusterChange.HostEndpointSeen(HostEndpoint endpoint)) {
        byName.put(endpoint.name(), endpoint);
      }
    }
    return new HostEnds(List.copyOf(byName.values()), holders);
  }

  /** The node that has an address or whose host endpoint expects it, unless a pod has it. */
  Optional<String> node(IpAddress address) {
    return holders.pod(address).isPresent()
        ? Optional.empty()
        : holders.node(address).or(() -> Optional.ofNullable(expecting.get(address)));
  }

  /** Empty if no host endpoint is for the address. */
  Optional<HostEnd> at(String node, IpAddress address) {
    List<HostEndpoint> endpoints = byNode.getOrDefault(node, List.of());
    String link = link(endpoints, address);
    boolean any = endpoints.stream().anyMatch(HostEndpoint::isOfEveryInterface);
    return any || !link.equals(OTHER) ? Optional.of(new HostEnd(node, link)) : Optional.empty();
  }

  /** All addresses that host endpoints are for. */
  Set<IpAddress> addresses() {
    Set<IpAddress> candidates = new TreeSet<>(holders.nodes().keySet());
    candidates.addAll(expecting.keySet());
    candidates.removeIf(address -> node(address).flatMap(node -> at(node, address)).isEmpty());
    return candidates;
  }

  /** What the agent of a node would hear of it. */
  ClusterChange.ThisNode node(String name) {
    List<HostEndpoint> endpoints = byNode.getOrDefault(name, List.of());
    Set<IpAddress> addresses = new TreeSet<>();
    holders
        .nodes()
        .forEach((address, node) -> {
          if (node.equals(name)) {
            addresses.add(address);
          }
        });
    endpoints.forEach(endpoint -> addresses.addAll(endpoint.expected()));
    SequencedMap<String, List<IpAddress>> interfaces = new LinkedHashMap<>();
    for (IpAddress address : addresses) {
      interfaces.computeIfAbsent(link(endpoints, address), _ -> new ArrayList<>()).add(address);
    }
    return new ClusterChange.ThisNode(name, interfaces);
  }

  private static String link(List<HostEndpoint> endpoints, IpAddress address) {
    for (int i = 0; i < endpoints.size(); i++) {
      HostEndpoint endpoint = endpoints.get(i);
      if (endpoint.expected().contains(address) && !endpoint.isOfEveryInterface()) {
        return endpoint.interfaceName().isEmpty() ? "/" + i : endpoint.interfaceName();
      }
    }
    return OTHER;
  }
}
