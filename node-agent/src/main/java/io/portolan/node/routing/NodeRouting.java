package io.portolan.node.routing;

import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;
import io.portolan.linux.netlink.BatchResult;
import io.portolan.linux.netlink.NetlinkException;
import io.portolan.linux.route.Address;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.Link;
import io.portolan.linux.route.LinkChange;
import io.portolan.linux.route.Route;
import io.portolan.linux.route.RouteBatch;
import io.portolan.linux.route.RouteFilter;
import io.portolan.linux.route.RouteSocket;
import io.portolan.linux.route.RouteTable;
import io.portolan.linux.route.Rule;
import io.portolan.linux.sysctl.Sysctl;
import io.portolan.linux.sysctl.SysctlKey;
import io.portolan.node.endpoint.Ownership;
import io.portolan.node.ipam.Supply;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the kernel's routing as {@link RoutingState#planned} wants it. Used by one thread.
 *
 * <p>Reads the kernel before it asks who holds addresses: a rule that is there although nobody
 * holds its address is then certainly stale, never one that was made in between.
 */
public final class NodeRouting implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeRouting.class);
  private static final String LOOSE = "2";

  private final RouteSocket socket = RouteSocket.open();

  /**
   * Reads, compares and changes what differs.
   *
   * @param pods addresses that pods hold, asked after the kernel was read
   * @return whether every interface of the supply has its device; if not, try again soon
   */
  public boolean reconcile(Supply supply, Supplier<Collection<IpAddress>> pods) {
    if (supply.interfaces().isEmpty()) {
      // Not a cloud with interfaces, or no supply yet: nothing is touched before the first one.
      return true;
    }
    Map<MacAddress, Link> links = devices(supply);
    Map<MacAddress, Integer> devices = new TreeMap<>();
    links.forEach((mac, link) -> devices.put(mac, link.index()));
    RoutingState observed = observe(devices.values());
    RoutingState planned = RoutingState.planned(supply, devices, pods.get());
    RouteBatch changes = planned.changesFrom(observed);
    if (!changes.isEmpty()) {
      BatchResult result = socket.execute(changes);
      for (NetlinkException e : result.failures().values()) {
        if (!e.isExists() && !e.isNotFound()) {
          LOG.warn("routing of cloud interfaces: {}", e.getMessage());
        }
      }
      LOG.info("routing of cloud interfaces: {} changes", changes.size());
    }
    return supply.interfaces().stream().allMatch(eni -> devices.containsKey(eni.mac()));
  }

  /** The devices of the supply's interfaces, raised and prepared. */
  private Map<MacAddress, Link> devices(Supply supply) {
    Map<MacAddress, Link> byMac = new TreeMap<>();
    for (Link link : socket.links()) {
      if (!link.kind().equals("veth") || link.group() != Ownership.LINK_GROUP) {
        link.mac().ifPresent(mac -> byMac.put(new MacAddress(mac.bits()), link));
      }
    }
    int mtu =
        supply.interfaces().stream()
            .filter(EniTables::isPrimary)
            .flatMap(eni -> java.util.Optional.ofNullable(byMac.get(eni.mac())).stream())
            .mapToInt(Link::mtu)
            .findFirst()
            .orElse(0);
    Map<MacAddress, Link> devices = new TreeMap<>();
    for (Supply.CloudInterface eni : supply.interfaces()) {
      Link link = byMac.get(eni.mac());
      if (link == null) {
        LOG.info("the device of {} ({}) has not come yet", eni.id(), eni.mac());
        continue;
      }
      devices.put(eni.mac(), link);
      prepare(eni, link, mtu);
    }
    return devices;
  }

  private void prepare(Supply.CloudInterface eni, Link link, int mtu) {
    SysctlKey filter = SysctlKey.ipv4(link.name(), "rp_filter");
    if (!Sysctl.read(filter).equals(LOOSE)) {
      // What comes in by one interface may, by the main table, belong to another.
      Sysctl.write(filter, LOOSE);
    }
    if (!EniTables.isPrimary(eni) && (!link.isUp() || (mtu > 0 && link.mtu() != mtu))) {
      socket.change(link.ref(), mtu > 0 ? LinkChange.UP.withMtu(mtu) : LinkChange.UP);
    }
  }

  private RoutingState observe(Collection<Integer> devices) {
    List<Rule> rules =
        socket.rules().stream().filter(r -> r.protocol() == Ownership.PROTOCOL).toList();
    List<Route> routes =
        socket.routes(RouteFilter.ALL.withProtocol(Ownership.PROTOCOL)).stream()
            .filter(r -> r.table() != RouteTable.MAIN)
            .toList();
    List<Address> addresses =
        socket.addresses().stream().filter(a -> devices.contains(a.link())).toList();
    return new RoutingState(addresses, routes, rules);
  }

  /** MTU of the interface that the default route leaves by; 1500 if there is none. */
  public static int uplinkMtu(RouteSocket socket) {
    return socket.routes(RouteFilter.ALL.withTable(RouteTable.MAIN)).stream()
        .filter(r ->
            r.destination().equals(IpPrefix.ALL_IPV4) || r.destination().equals(IpPrefix.ALL_IPV6))
        .filter(r -> r.link().isPresent())
        .findFirst()
        .flatMap(r -> socket.link(r.link().getAsInt()))
        .map(Link::mtu)
        .orElse(1500);
  }

  @Override
  public void close() {
    socket.close();
  }
}
