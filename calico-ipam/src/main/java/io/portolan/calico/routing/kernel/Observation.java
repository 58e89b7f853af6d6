package io.portolan.calico.routing.kernel;

import io.portolan.calico.routing.PacketRules;
import io.portolan.calico.routing.RoutingObject;
import io.portolan.calico.routing.RoutingState;
import io.portolan.calico.routing.TunnelLink;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;
import io.portolan.linux.nft.NftTables;
import io.portolan.linux.route.Address;
import io.portolan.linux.route.FdbEntry;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.Link;
import io.portolan.linux.route.LinkKind;
import io.portolan.linux.route.Neighbor;
import io.portolan.linux.route.NeighborState;
import io.portolan.linux.route.Route;
import io.portolan.linux.route.RouteFilter;
import io.portolan.linux.route.RouteSocket;
import io.portolan.linux.route.RouteTable;
import io.portolan.linux.route.RouteType;
import io.portolan.linux.route.Scope;
import io.portolan.linux.sysctl.Sysctl;
import io.portolan.linux.sysctl.SysctlException;
import io.portolan.linux.sysctl.SysctlKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/** One reading of the kernel. */
final class Observation {
  private static final Set<String> NAMES =
      Set.of(TunnelLink.VXLAN_IPV4, TunnelLink.VXLAN_IPV6, TunnelLink.IPIP);

  private final RouteSocket socket;
  private final NftTables tables;
  private final Map<Integer, Link> links;

  Observation(RouteSocket socket, NftTables tables) {
    this.socket = socket;
    this.tables = tables;
    links = socket.links().stream().collect(Collectors.toMap(Link::index, l -> l));
  }

  RoutingState of(RoutingState planned) {
    List<TunnelLink> tunnels = new ArrayList<>();
    List<RoutingObject> objects = new ArrayList<>();
    for (Link link : links.values()) {
      if (NAMES.contains(link.name())
          && (link.group() == Ownership.LINK_GROUP || planned.links().containsKey(link.name()))) {
        tunnels.add(tunnel(link));
        on(link, objects);
      }
    }
    routes(objects);
    planned
        .objects()
        .values()
        .forEach(o -> {
          if (o instanceof RoutingObject.Setting setting && isAsWanted(setting)) {
            objects.add(setting);
          }
        });
    return RoutingState.of(rules(planned.rules()), tunnels, objects);
  }

  private Optional<PacketRules> rules(Optional<PacketRules> planned) {
    return tables
        .read(PacketTable.TABLE)
        .map(listing ->
            planned
                .filter(rules -> PacketTable.isAsMade(listing, rules))
                .orElse(PacketRules.UNKNOWN));
  }

  private TunnelLink tunnel(Link link) {
    boolean ready = link.isUp() && link.group() == Ownership.LINK_GROUP;
    Optional<LinkKind> kind = link.configuration();
    if (kind.isPresent()
        && kind.get() instanceof LinkKind.Vxlan(var id, var port, var local, var dev, var learns)
        && local.isPresent()
        && !learns
        && link.mac().isPresent()) {
      return new TunnelLink.Vxlan(
          link.name(),
          id,
          port,
          IpAddress.of(local.get()),
          name(dev),
          new MacAddress(link.mac().get().bits()),
          link.mtu(),
          ready);
    }
    return kind.isPresent() && kind.get() instanceof LinkKind.IpIp
        ? new TunnelLink.Ipip(link.name(), link.mtu(), ready)
        : new TunnelLink.Unusable(link.name());
  }

  private String name(OptionalInt index) {
    Link link = index.isPresent() ? links.get(index.getAsInt()) : null;
    return link == null ? "" : link.name();
  }

  private void on(Link link, List<RoutingObject> objects) {
    for (Address address : socket.addresses(link.index())) {
      if (address.scope().equals(Scope.UNIVERSE)) {
        objects.add(
            new RoutingObject.TunnelAddress(link.name(), IpAddress.of(address.prefix().address())));
      }
    }
    for (Neighbor neighbor : socket.neighbors(link.index())) {
      if (neighbor.state() == NeighborState.PERMANENT && neighbor.mac().isPresent()) {
        objects.add(
            new RoutingObject.TunnelNeighbor(
                link.name(),
                IpAddress.of(neighbor.address()),
                new MacAddress(neighbor.mac().get().bits())));
      }
    }
    for (FdbEntry entry : socket.fdb(link.index())) {
      if (entry.state() == NeighborState.PERMANENT && entry.destination().isPresent()) {
        objects.add(
            new RoutingObject.TunnelEntry(
                link.name(),
                new MacAddress(entry.mac().bits()),
                IpAddress.of(entry.destination().get())));
      }
    }
  }

  private void routes(List<RoutingObject> objects) {
    RouteFilter ours =
        RouteFilter.ALL.withProtocol(Ownership.ROUTE_PROTOCOL).withTable(RouteTable.MAIN);
    for (Route route : socket.routes(ours)) {
      if (route.metric() != Ownership.ROUTE_METRIC) {
        continue;
      }
      if (route.type() == RouteType.BLACKHOLE) {
        objects.add(new RoutingObject.Blackhole(cidr(route.destination())));
      } else if (route.type() == RouteType.UNICAST && !name(route.link()).isEmpty()) {
        objects.add(
            new RoutingObject.ClusterRoute(
                cidr(route.destination()), route.gateway().map(IpAddress::of), name(route.link())));
      }
    }
  }

  private static boolean isAsWanted(RoutingObject.Setting setting) {
    try {
      String value = Sysctl.read(new SysctlKey(setting.path()));
      return value.equals(setting.value()) || setting.alsoFine().contains(value);
    } catch (SysctlException e) {
      // Of a device that is still to be made; else writing it says what is wrong.
      return false;
    }
  }

  private static Cidr cidr(IpPrefix prefix) {
    return new Cidr(IpAddress.of(prefix.address()), prefix.length());
  }
}
