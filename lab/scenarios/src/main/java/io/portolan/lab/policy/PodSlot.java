package io.portolan.lab.policy;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.packet.Station;
import io.portolan.linux.route.RouteBatch;
import io.portolan.linux.route.RouteSocket;
import java.util.List;

/** A namespace on a node's link, for one pod after the other. */
final class PodSlot implements AutoCloseable {
  private final String hostInterface;
  private final int hostLink;
  private final NetworkNamespace namespace = Wiring.host();
  private final RouteSocket inside = RouteSocket.openIn(namespace);
  private final int eth0;
  private final Station station;
  private List<IpAddress> addresses = List.of();

  PodSlot(RouteSocket node, String hostInterface) {
    this.hostInterface = hostInterface;
    hostLink = Wiring.connect(node, hostInterface, namespace);
    eth0 = Wiring.eth0(inside);
    station = Station.onLink(namespace, eth0, Wiring.UPPER);
  }

  String hostInterface() {
    return hostInterface;
  }

  Station station() {
    return station;
  }

  List<IpAddress> addresses() {
    return addresses;
  }

  /** Gives the slot other addresses, with the node's routes to them. */
  void readdress(RouteSocket node, List<IpAddress> next) {
    if (next.equals(addresses)) {
      return;
    }
    RouteBatch within = new RouteBatch();
    RouteBatch towards = new RouteBatch();
    addresses.stream()
        .filter(address -> !next.contains(address))
        .forEach(address -> {
          within.delete(Wiring.own(address, eth0));
          towards.delete(Wiring.down(address, hostLink));
        });
    next.stream()
        .filter(address -> !addresses.contains(address))
        .forEach(address -> {
          within.add(Wiring.own(address, eth0));
          towards.add(Wiring.down(address, hostLink));
        });
    inside.apply(within);
    node.apply(towards);
    addresses = next;
  }

  @Override
  public void close() {
    station.close();
    inside.close();
    namespace.close();
  }
}
