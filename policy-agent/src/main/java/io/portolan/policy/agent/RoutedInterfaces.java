package io.portolan.policy.agent;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.route.AddressFamily;
import io.portolan.linux.route.Link;
import io.portolan.linux.route.LinkKind;
import io.portolan.linux.route.Route;
import io.portolan.linux.route.RouteFilter;
import io.portolan.linux.route.RouteSocket;
import io.portolan.linux.route.RouteTable;
import io.portolan.linux.route.RouteType;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Asks the main routing table, where CNI plugins put their pods' routes. What leads to a pod's own
 * link is a route to that one address, without a gateway: behind a gateway an address is not on
 * this node, and a wider route is that of a network many are in. Where the cloud's subnet is the
 * pods', as with Amazon's plugin, that is the node's uplink, which leads to the pod's address as
 * soon as the plugin has removed the route of a pod that ends; to police it as the pod's link would
 * cut the node off.
 *
 * <p>Pods that share a bridge are reached by its network; a bridge counts unless gateways are
 * reached by it too, as then it is the uplink.
 */
public final class RoutedInterfaces implements NodePods.InterfaceLookup {
  private static final String BRIDGE = new LinkKind.Bridge().word();

  private final RouteSocket routes;

  public RoutedInterfaces(RouteSocket routes) {
    this.routes = routes;
  }

  @Override
  public Optional<String> towards(IpAddress address) {
    InetAddress wanted = address.toInetAddress();
    List<Route> unicast =
        routes.routes(
            RouteFilter.ALL
                .withFamily(AddressFamily.of(wanted))
                .withTable(RouteTable.MAIN)
                .withType(RouteType.UNICAST));
    return unicast.stream()
        .filter(route -> route.gateway().isEmpty() && route.link().isPresent())
        .filter(route -> route.destination().contains(wanted))
        .max(Comparator.comparingInt((Route route) -> route.destination().length()))
        .flatMap(route ->
            routes
                .link(route.link().getAsInt())
                .filter(
                    link -> route.destination().isSingleAddress() || isBridgeOfPods(link, unicast)))
        .map(Link::name);
  }

  private static boolean isBridgeOfPods(Link link, List<Route> routes) {
    return link.kind().equals(BRIDGE)
        && routes.stream()
            .noneMatch(route ->
                route.gateway().isPresent() && route.link().equals(OptionalInt.of(link.index())));
  }
}
