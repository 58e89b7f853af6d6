package io.portolan.policy.agent;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.route.Address;
import io.portolan.linux.route.Link;
import io.portolan.linux.route.NetworkMonitor;
import io.portolan.linux.route.RouteSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** As the kernel knows them. One thread reads and waits, any may close. */
public final class KernelInterfaces implements HostInterfaces {
  private final NetworkMonitor monitor;
  private final RouteSocket routes;

  private KernelInterfaces(NetworkMonitor monitor, RouteSocket routes) {
    this.monitor = monitor;
    this.routes = routes;
  }

  /** Of the namespace of the calling thread. */
  public static KernelInterfaces open() {
    // Before the first listing, so that nothing is missed.
    NetworkMonitor monitor = NetworkMonitor.open(Set.of(NetworkMonitor.Subject.ADDRESSES));
    return new KernelInterfaces(monitor, RouteSocket.open());
  }

  public static KernelInterfaces openIn(NetworkNamespace namespace) {
    return namespace.call(KernelInterfaces::open);
  }

  @Override
  public Map<String, List<IpAddress>> addresses() {
    Map<Integer, String> names = new HashMap<>();
    for (Link link : routes.links()) {
      names.put(link.index(), link.name());
    }
    Map<String, List<IpAddress>> addresses = new HashMap<>();
    for (Address address : routes.addresses()) {
      String name = names.get(address.link());
      // Made after the links were listed: the event about it is still to come.
      if (name != null) {
        addresses
            .computeIfAbsent(name, _ -> new ArrayList<>())
            .add(IpAddress.of(address.prefix().address()));
      }
    }
    return addresses;
  }

  @Override
  public boolean await(Duration patience) {
    return monitor.receive(patience, _ -> {});
  }

  @Override
  public void close() {
    monitor.close();
    routes.close();
  }
}
