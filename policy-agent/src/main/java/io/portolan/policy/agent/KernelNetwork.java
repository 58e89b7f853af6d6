package io.portolan.policy.agent;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.netlink.NetlinkException;
import io.portolan.linux.route.Address;
import io.portolan.linux.route.Link;
import io.portolan.linux.route.LinkKind;
import io.portolan.linux.route.Route;
import io.portolan.linux.route.RouteFilter;
import io.portolan.linux.route.RouteSocket;
import io.portolan.linux.route.RouteTable;
import io.portolan.linux.route.RouteType;
import io.portolan.linux.route.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads {@link NodeNetwork} from the kernel and changes nothing. Used by one thread. */
public final class KernelNetwork {
  private static final String BRIDGE = new LinkKind.Bridge().word();
  private static final String VETH = "veth";

  /** For so long a container may still be getting addresses. */
  private static final long YOUTH = Duration.ofSeconds(10).toNanos();

  /** How old what was read about a container that is older may be. */
  private static final long AGE = Duration.ofMinutes(1).toNanos();

  private final RouteSocket routes;
  private final LongSupplier nanoTime;

  /** By the index of the link that leads there. */
  private final Map<Integer, Inside> containers = new HashMap<>();

  /** The links that were there at the first reading. */
  private Set<Integer> first = Set.of();

  /** What was read about a container. */
  private record Inside(List<IpAddress> addresses, long firstRead, long read) {}

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  public KernelNetwork(RouteSocket routes, LongSupplier nanoTime) {
    this.routes = routes;
    this.nanoTime = nanoTime;
  }

  /** As it is now. */
  public NodeNetwork read() {
    Map<Integer, Link> links = new HashMap<>();
    routes.links().forEach(link -> links.put(link.index(), link));
    List<Route> unicast =
        routes.routes(RouteFilter.ALL.withType(RouteType.UNICAST)).stream()
            .filter(route -> route.link().isPresent() && links.containsKey(route.link().getAsInt()))
            .toList();
    Set<Integer> uplinks =
        unicast.stream()
            .filter(route -> route.gateway().isPresent())
            .map(route -> route.link().getAsInt())
            .collect(Collectors.toSet());
    Map<IpAddress, NodeNetwork.HostRoute> single = new HashMap<>();
    List<NodeNetwork.Network> networks = new ArrayList<>();
    for (Route route : unicast) {
      boolean main = route.table() == RouteTable.MAIN;
      int index = route.link().orElseThrow();
      Link link = Objects.requireNonNull(links.get(index));
      IpAddress to = IpAddress.of(route.destination().address());
      if (route.gateway().isPresent()) {
        continue;
      }
      if (route.destination().isSingleAddress()) {
        // Others than the main table: pods with security groups of their own, with Amazon's plugin.
        OptionalInt container = uplinks.contains(index) ? OptionalInt.empty() : container(link);
        NodeNetwork.HostRoute found = new NodeNetwork.HostRoute(to, link.name(), container);
        single.merge(to, found, (one, other) -> main ? other : one);
      } else if (main) {
        networks.add(
            new NodeNetwork.Network(new Cidr(to, route.destination().length()), link.name()));
      }
    }
    if (first.isEmpty()) {
      first = Set.copyOf(links.keySet());
    }
    Set<Integer> asked = new HashSet<>();
    expected(links, single, uplinks, asked);
    NodeNetwork network =
        new NodeNetwork(single, networks, bridges(links, networks, uplinks, asked));
    containers.keySet().retainAll(asked);
    return network;
  }

  /**
   * Adds the routes that new links are about to get: plugins give a container its addresses before
   * the node the routes there.
   */
  private void expected(
      Map<Integer, Link> links,
      Map<IpAddress, NodeNetwork.HostRoute> single,
      Set<Integer> uplinks,
      Set<Integer> asked) {
    Set<String> routed =
        single.values().stream().map(NodeNetwork.HostRoute::link).collect(Collectors.toSet());
    for (Link link : links.values()) {
      if (container(link).isPresent()
          && link.master().isEmpty()
          && !first.contains(link.index())
          && !uplinks.contains(link.index())
          && !routed.contains(link.name())) {
        asked.add(link.index());
        List<IpAddress> addresses = inside(link);
        if (isYoung(containers.get(link.index()))) {
          for (IpAddress address : addresses) {
            single.putIfAbsent(
                address, new NodeNetwork.HostRoute(address, link.name(), container(link)));
          }
        }
      }
    }
  }

  private Map<String, NodeNetwork.Bridge> bridges(
      Map<Integer, Link> links,
      List<NodeNetwork.Network> networks,
      Set<Integer> uplinks,
      Set<Integer> asked) {
    Map<String, NodeNetwork.Bridge> bridges = new HashMap<>();
    for (Link bridge : links.values()) {
      if (!bridge.kind().equals(BRIDGE)
          || uplinks.contains(bridge.index())
          || bridge.mac().isEmpty()) {
        continue;
      }
      List<Cidr> inside =
          networks.stream()
              .filter(network -> network.link().equals(bridge.name()))
              .map(NodeNetwork.Network::block)
              .toList();
      List<NodeNetwork.Port> ports = new ArrayList<>();
      for (Link port : links.values()) {
        if (port.master().equals(OptionalInt.of(bridge.index())) && container(port).isPresent()) {
          asked.add(port.index());
          ports.add(
              new NodeNetwork.Port(
                  port.name(),
                  inside(port).stream()
                      .filter(address -> inside.stream().anyMatch(block -> block.contains(address)))
                      .toList()));
        }
      }
      if (!inside.isEmpty()) {
        bridges.put(
            bridge.name(), new NodeNetwork.Bridge(bridge.name(), bridge.mac().get(), ports));
      }
    }
    return bridges;
  }

  /** The addresses in the container behind a link; none if they may not be read. */
  private List<IpAddress> inside(Link port) {
    long now = nanoTime.getAsLong();
    Inside known = containers.get(port.index());
    if (known != null && !isYoung(known) && now - known.read() < AGE) {
      return known.addresses();
    }
    List<IpAddress> addresses = List.of();
    try {
      addresses =
          routes.addressesIn(container(port).orElseThrow()).stream()
              .filter(address -> address.scope().equals(Scope.UNIVERSE))
              .map(Address::prefix)
              .map(prefix -> IpAddress.of(prefix.address()))
              .distinct()
              .toList();
    } catch (NetlinkException e) {
      // A namespace of a user whose namespace is not below ours: what it has stays unknown.
      if (!e.isDenied()) {
        throw e;
      }
    }
    containers.put(
        port.index(), new Inside(addresses, known == null ? now : known.firstRead(), now));
    return addresses;
  }

  /** Whether {@link #read} may tell more soon, though no event says so. */
  public boolean isIncomplete() {
    return containers.values().stream()
        .anyMatch(inside -> inside.addresses().isEmpty() && isYoung(inside));
  }

  private boolean isYoung(@Nullable Inside inside) {
    return inside != null && nanoTime.getAsLong() - inside.firstRead() <= YOUTH;
  }

  private static OptionalInt container(Link link) {
    return link.kind().equals(VETH) ? link.peerNamespace() : OptionalInt.empty();
  }
}
