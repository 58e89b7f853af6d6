package io.portolan.calico.node;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.route.Address;
import io.portolan.linux.route.Link;
import io.portolan.linux.route.RouteSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Where one of this machine's addresses is.
 *
 * @param prefixLength of its subnet
 * @param device name of the device
 * @param mtu of the device, in bytes
 */
record LocalAddress(int prefixLength, String device, int mtu) {

  /** All of the namespace of the socket. */
  static Map<IpAddress, LocalAddress> read(RouteSocket socket) {
    Map<Integer, Link> links =
        socket.links().stream().collect(Collectors.toMap(Link::index, link -> link));
    Map<IpAddress, LocalAddress> all = new HashMap<>();
    for (Address address : socket.addresses()) {
      Link link = links.get(address.link());
      if (link != null && !link.isLoopback()) {
        all.put(
            IpAddress.of(address.prefix().address()),
            new LocalAddress(address.prefix().length(), link.name(), link.mtu()));
      }
    }
    return all;
  }
}
