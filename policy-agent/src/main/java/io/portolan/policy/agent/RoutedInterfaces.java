package io.portolan.policy.agent;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.route.AddressFamily;
import io.portolan.linux.route.Link;
import io.portolan.linux.route.Route;
import io.portolan.linux.route.RouteFilter;
import io.portolan.linux.route.RouteSocket;
import io.portolan.linux.route.RouteTable;
import io.portolan.linux.route.RouteType;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.Optional;

/**
 * Asks the main routing table, where every CNI plugin puts its pods' routes. The most specific
 * route without a gateway counts: behind a gateway an address is not on this node.
 */
public final class RoutedInterfaces implements NodePods.InterfaceLookup {
  private final RouteSocket routes;

  public RoutedInterfaces(RouteSocket routes) {
    this.routes = routes;
  }

  @Override
  public Optional<String> towards(IpAddress address) {
    InetAddress wanted = address.toInetAddress();
    return routes
        .routes(
            RouteFilter.ALL
                .withFamily(AddressFamily.of(wanted))
                .withTable(RouteTable.MAIN)
                .withType(RouteType.UNICAST))
        .stream()
        .filter(route -> route.gateway().isEmpty() && route.link().isPresent())
        .filter(route -> route.destination().contains(wanted))
        .max(Comparator.comparingInt((Route route) -> route.destination().length()))
        .flatMap(route -> routes.link(route.link().getAsInt()))
        .map(Link::name);
  }
}
