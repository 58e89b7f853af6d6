package io.portolan.lab.policy;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.route.Address;
import io.portolan.linux.route.AddressFlag;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.LinkChange;
import io.portolan.linux.route.LinkRef;
import io.portolan.linux.route.MacAddress;
import io.portolan.linux.route.Neighbor;
import io.portolan.linux.route.NewLink;
import io.portolan.linux.route.OperationalState;
import io.portolan.linux.route.Route;
import io.portolan.linux.route.RouteBatch;
import io.portolan.linux.route.RouteSocket;
import io.portolan.linux.route.VethPeer;
import io.portolan.linux.sysctl.Sysctl;
import io.portolan.linux.sysctl.SysctlKey;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * How machines of this package are connected: by links whose ends have no address that a cluster
 * could use, with routes and neighbours that need no asking. Every end sees its link's other end
 * under the same addresses.
 */
final class Wiring {
  /** The upper end: the node's of a pod's link, the fabric's of a node's. */
  static final MacAddress UPPER = MacAddress.parse("ee:ee:ee:ee:ee:ee");

  static final MacAddress LOWER = MacAddress.parse("02:00:00:00:00:01");

  private static final InetAddress UPPER_V4 = InetAddress.ofLiteral("169.254.1.1");
  private static final InetAddress LOWER_V4 = InetAddress.ofLiteral("169.254.1.2");
  private static final InetAddress UPPER_V6 = InetAddress.ofLiteral("fe80::1");
  private static final InetAddress LOWER_V6 = InetAddress.ofLiteral("fe80::2");

  private static final long PATIENCE_NANOS = 20_000_000_000L;
  private static final long POLL_NANOS = 100_000;

  private Wiring() {}

  /** A namespace that takes what is for it, and drops the rest. */
  static NetworkNamespace host() {
    return machine("0");
  }

  /** A namespace that forwards. */
  static NetworkNamespace router() {
    return machine("1");
  }

  /** Believes any source. */
  private static NetworkNamespace machine(String forwards) {
    NetworkNamespace namespace = NetworkNamespace.anonymous();
    namespace.run(() -> {
      Sysctl.write(SysctlKey.of("ipv4", "ip_forward"), forwards);
      Sysctl.write(SysctlKey.ipv6("all", "forwarding"), forwards);
      for (String scope : List.of("all", "default")) {
        Sysctl.write(SysctlKey.ipv4(scope, "rp_filter"), "0");
        Sysctl.write(SysctlKey.ipv4(scope, "send_redirects"), "0");
        Sysctl.write(SysctlKey.ipv6(scope, "accept_dad"), "0");
        Sysctl.write(SysctlKey.ipv6(scope, "accept_ra"), "0");
      }
    });
    try (RouteSocket routes = RouteSocket.openIn(namespace)) {
      routes.change(LinkRef.named("lo"), LinkChange.UP);
    }
    return namespace;
  }

  /**
   * Plugs the machine below in as {@code eth0}, which becomes its way to everywhere.
   *
   * @param upper of the machine above
   * @param device of the machine above
   * @return the index of {@code device}
   */
  static int connect(RouteSocket upper, String device, NetworkNamespace below) {
    int link =
        upper
            .create(
                NewLink.veth(device, VethPeer.named("eth0").withMac(LOWER).in(below))
                    .withMac(UPPER)
                    .withUp())
            .index();
    upper.apply(
        new RouteBatch()
            .replace(Neighbor.permanent(link, LOWER_V4, LOWER))
            .replace(Neighbor.permanent(link, LOWER_V6, LOWER)));
    try (RouteSocket lower = RouteSocket.openIn(below)) {
      int eth0 = eth0(lower);
      lower.change(LinkRef.of(eth0), LinkChange.UP);
      lower.apply(
          new RouteBatch()
              .replace(Neighbor.permanent(eth0, UPPER_V4, UPPER))
              .replace(Neighbor.permanent(eth0, UPPER_V6, UPPER))
              .add(Route.to(IpPrefix.ALL_IPV4).via(UPPER_V4).dev(eth0).withOnlink())
              .add(Route.to(IpPrefix.ALL_IPV6).via(UPPER_V6).dev(eth0)));
    }
    awaitUp(upper, link);
    return link;
  }

  /**
   * The end that came up first drops what it is to send until the kernel has noticed, in the
   * background, that the other one is up too.
   */
  private static void awaitUp(RouteSocket routes, int link) {
    long begin = System.nanoTime();
    while (routes.link(link).orElseThrow().state() != OperationalState.UP) {
      if (System.nanoTime() - begin > PATIENCE_NANOS) {
        throw new IllegalStateException("link " + link + " does not come up");
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  static int eth0(RouteSocket routes) {
    return routes.link("eth0").orElseThrow().index();
  }

  /** From the upper machine to an address at or behind the lower one. */
  static Route down(IpAddress address, int link) {
    Route route = Route.to(prefix(address)).dev(link);
    return address.isIpv4() ? route.via(LOWER_V4).withOnlink() : route.via(LOWER_V6);
  }

  /** From the upper machine to everything that has no route of its own. */
  static RouteBatch defaultDown(int link) {
    return new RouteBatch()
        .add(Route.to(IpPrefix.ALL_IPV4).dev(link).via(LOWER_V4).withOnlink())
        .add(Route.to(IpPrefix.ALL_IPV6).dev(link).via(LOWER_V6));
  }

  static Address own(IpAddress address, int link) {
    Address own = Address.of(link, prefix(address));
    return address.isIpv4() ? own : own.withFlags(Set.of(AddressFlag.NO_DAD));
  }

  private static IpPrefix prefix(IpAddress address) {
    return IpPrefix.of(address.toInetAddress());
  }
}
