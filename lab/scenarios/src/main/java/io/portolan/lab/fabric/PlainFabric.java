package io.portolan.lab.fabric;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.route.Address;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.Link;
import io.portolan.linux.route.LinkChange;
import io.portolan.linux.route.LinkKind;
import io.portolan.linux.route.LinkRef;
import io.portolan.linux.route.NewLink;
import io.portolan.linux.route.Route;
import io.portolan.linux.route.RouteSocket;
import io.portolan.linux.route.VethPeer;
import io.portolan.linux.sysctl.Sysctl;
import io.portolan.linux.sysctl.SysctlKey;
import java.util.List;

/**
 * A network of one's own: each subnet is a bridge, the namespace routes between them and knows
 * machines, but no pods unless it is told.
 */
public final class PlainFabric implements AutoCloseable {
  /** Of machines' interfaces, in bytes. */
  public static final int MTU = 1500;

  private static final String MACHINE_DEVICE = "eth0";

  private final NetworkNamespace namespace;
  private final RouteSocket routes;
  private int ports;

  private PlainFabric(NetworkNamespace namespace) {
    this.namespace = namespace;
    this.routes = RouteSocket.openIn(namespace);
  }

  /** Makes a router of an empty namespace. */
  public static PlainFabric start(NetworkNamespace namespace) {
    PlainFabric fabric = new PlainFabric(namespace);
    fabric.routes.change(LinkRef.named("lo"), LinkChange.UP);
    Sysctl.write(namespace, SysctlKey.of("ipv4", "ip_forward"), "1");
    for (String scope : List.of("all", "default")) {
      Sysctl.write(namespace, SysctlKey.ipv4(scope, "rp_filter"), "0");
      Sysctl.write(namespace, SysctlKey.ipv4(scope, "send_redirects"), "0");
      Sysctl.write(namespace, SysctlKey.ipv6(scope, "disable_ipv6"), "1");
    }
    return fabric;
  }

  /** The namespace, for servers that machines reach through the fabric. */
  public NetworkNamespace namespace() {
    return namespace;
  }

  /** Adds a subnet; the router has its first address. */
  public void addSubnet(String name, Cidr block) {
    Link bridge = routes.create(NewLink.of("br-" + name, new LinkKind.Bridge()).withUp());
    routes.add(
        Address.of(
            bridge.index(), new IpPrefix(block.address(1).toInetAddress(), block.prefixLength())));
  }

  /** Plugs a machine into a subnet, as its {@code eth0}, which is configured as by DHCP. */
  public void addMachine(NetworkNamespace machine, String subnet, Cidr block, IpAddress address) {
    int bridge = routes.link("br-" + subnet).orElseThrow().index();
    Link port =
        routes.create(
            NewLink.veth("port" + ports++, VethPeer.named(MACHINE_DEVICE).withMtu(MTU).in(machine))
                .withMtu(MTU)
                .withUp());
    routes.change(port.ref(), LinkChange.NONE.withMaster(bridge));
    try (RouteSocket inside = RouteSocket.openIn(machine)) {
      inside.change(LinkRef.named("lo"), LinkChange.UP);
      int link = inside.link(MACHINE_DEVICE).orElseThrow().index();
      inside.change(LinkRef.of(link), LinkChange.UP);
      inside.add(Address.of(link, new IpPrefix(address.toInetAddress(), block.prefixLength())));
      inside.add(Route.to(IpPrefix.ALL_IPV4).via(block.address(1).toInetAddress()).dev(link));
    }
  }

  /** Answers for an address itself, for a server in {@link #namespace}. */
  public void serveAt(IpAddress address) {
    int loopback = routes.link("lo").orElseThrow().index();
    routes.addIfAbsent(Address.of(loopback, IpPrefix.of(address.toInetAddress())));
  }

  /** Tells the router where a block of pods is, as an administrator or a cloud would. */
  public void route(Cidr block, IpAddress via) {
    routes.replace(
        Route.to(new IpPrefix(block.network().toInetAddress(), block.prefixLength()))
            .via(via.toInetAddress()));
  }

  @Override
  public void close() {
    routes.close();
    namespace.close();
  }
}
