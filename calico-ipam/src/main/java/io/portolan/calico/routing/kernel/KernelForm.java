package io.portolan.calico.routing.kernel;

import io.portolan.calico.routing.RoutingObject;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.route.Address;
import io.portolan.linux.route.AddressFlag;
import io.portolan.linux.route.FdbEntry;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.MacAddress;
import io.portolan.linux.route.Neighbor;
import io.portolan.linux.route.NetworkObject;
import io.portolan.linux.route.Route;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Objects as netlink has them: by device index. */
final class KernelForm {
  private KernelForm() {}

  /**
   * @param devices index by name
   * @return empty if the device is not among them
   */
  static Optional<NetworkObject> of(RoutingObject object, Map<String, Integer> devices) {
    if (object instanceof RoutingObject.Blackhole(Cidr destination)) {
      return Optional.of(ours(Route.blackhole(prefix(destination))));
    }
    return object.device().map(devices::get).map(index -> on(index, object));
  }

  private static NetworkObject on(int device, RoutingObject object) {
    return switch (object) {
      case RoutingObject.TunnelAddress(String _, IpAddress address) ->
          // Nobody else can have it, so nobody is asked.
          Address.of(device, IpPrefix.of(address.toInetAddress()))
              .withFlags(address.isIpv6() ? Set.of(AddressFlag.NO_DAD) : Set.of());
      case RoutingObject.TunnelNeighbor(String _, IpAddress address, var mac) ->
          Neighbor.permanent(device, address.toInetAddress(), new MacAddress(mac.bits()));
      case RoutingObject.TunnelEntry(String _, var mac, IpAddress node) ->
          FdbEntry.vxlan(device, new MacAddress(mac.bits()), node.toInetAddress());
      case RoutingObject.ClusterRoute(Cidr to, Optional<IpAddress> via, String _) ->
          ours(
              via.map(v -> Route.to(prefix(to)).via(v.toInetAddress()).dev(device).withOnlink())
                  .orElseGet(() -> Route.onLink(prefix(to), device)));
      case RoutingObject.Blackhole _, RoutingObject.Setting _ ->
          throw new IllegalArgumentException(object + " is on no device");
    };
  }

  private static Route ours(Route route) {
    return route.withProtocol(Ownership.ROUTE_PROTOCOL).withMetric(Ownership.ROUTE_METRIC);
  }

  private static IpPrefix prefix(Cidr cidr) {
    return new IpPrefix(cidr.network().toInetAddress(), cidr.prefixLength());
  }
}
