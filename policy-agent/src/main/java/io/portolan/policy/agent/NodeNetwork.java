package io.portolan.policy.agent;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.route.MacAddress;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.nft.BridgedPods;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What leads to the pods of this node, as of one moment.
 *
 * @param routes to single addresses, by address
 * @param networks wider routes without a gateway, of the main table
 * @param bridges by name; those that gateways are reached by are uplinks and left out
 */
public record NodeNetwork(
    Map<IpAddress, HostRoute> routes, List<Network> networks, Map<String, Bridge> bridges) {
  public static final NodeNetwork EMPTY = new NodeNetwork(Map.of(), List.of(), Map.of());

  public NodeNetwork {
    routes = Map.copyOf(routes);
    networks = List.copyOf(networks);
    bridges = Map.copyOf(bridges);
  }

  /**
   * A route to one address, without a gateway.
   *
   * @param container the namespace at the other end of the link, if it is a veth to another
   */
  public record HostRoute(IpAddress address, String link, OptionalInt container) {}

  /** A route to many addresses by one link. */
  public record Network(Cidr block, String link) {}

  /**
   * A bridge with an address of the node's.
   *
   * @param mac of the bridge itself
   */
  public record Bridge(String name, MacAddress mac, List<Port> ports) {
    public Bridge {
      ports = List.copyOf(ports);
    }
  }

  /**
   * A port of a bridge that leads into a container.
   *
   * @param addresses that the container has, as far as they are known and not of the link alone
   */
  public record Port(String name, List<IpAddress> addresses) {
    public Port {
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * Which link leads to an address, and to nothing but pods. What leads to a pod's own link is a
   * route to that one address, without a gateway: behind a gateway an address is not on this node,
   * and a wider route is that of a network many are in. Where the cloud's subnet is the pods', as
   * with Amazon's plugin, that is the node's uplink, which leads to the pod's address as soon as
   * the plugin has removed the route of a pod that ends; to police it as the pod's link would cut
   * the node off.
   *
   * <p>Pods that share a bridge are reached by its network; a bridge counts unless gateways are
   * reached by it too, as then it is the uplink.
   */
  Optional<String> towards(IpAddress address) {
    HostRoute own = routes.get(address);
    return own != null
        ? Optional.of(own.link())
        : networks.stream()
            .filter(network -> network.block().contains(address))
            .max(Comparator.comparingInt(network -> network.block().prefixLength()))
            .map(Network::link)
            .filter(bridges::containsKey);
  }

  /** The routes by links that a plugin named after a pod, sorted by address. */
  List<HostRoute> named(PodLinkName name) {
    return routes.values().stream()
        .filter(route -> name.isThatOf(route.link()))
        .sorted(Comparator.comparing(HostRoute::address))
        .toList();
  }

  /** The bridges that some of the pods hang on, by name. */
  List<BridgedPods> bridged(List<LocalPod> pods) {
    List<BridgedPods> bridged = new ArrayList<>();
    for (NodeNetwork.Bridge bridge : new TreeMap<>(bridges).values()) {
      List<IpAddress> addresses =
          pods.stream()
              .filter(pod -> pod.hostInterface().equals(bridge.name()))
              .flatMap(pod -> pod.addresses().stream())
              .distinct()
              .sorted()
              .toList();
      if (!addresses.isEmpty()) {
        TreeMap<String, List<IpAddress>> ports = new TreeMap<>();
        bridge.ports().forEach(port -> ports.put(port.name(), port.addresses()));
        bridged.add(new BridgedPods(bridge.name(), bridge.mac(), addresses, ports));
      }
    }
    return bridged;
  }

  /** The routes into the container that a link leads to, sorted by address. */
  Stream<HostRoute> beside(String link) {
    OptionalInt container =
        routes.values().stream()
            .filter(route -> route.link().equals(link))
            .map(HostRoute::container)
            .findFirst()
            .orElse(OptionalInt.empty());
    return container.isEmpty()
        ? Stream.empty()
        : routes.values().stream()
            .filter(route -> route.container().equals(container))
            .sorted(Comparator.comparing(HostRoute::address));
  }
}
