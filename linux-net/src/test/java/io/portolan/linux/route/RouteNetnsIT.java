package io.portolan.linux.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portolan.linux.TestNamespace;
import io.portolan.linux.netlink.BatchResult;
import io.portolan.linux.netlink.NetlinkException;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is programmed is what ip(8) and bridge(8) show, and what is read back. */
class RouteNetnsIT {
  private static final MacAddress MAC = MacAddress.parse("66:f9:37:c3:7e:94");
  private static final InetAddress LINK_LOCAL_GATEWAY = InetAddress.ofLiteral("169.254.1.1");

  private final TestNamespace node = new TestNamespace();
  private final RouteSocket routes = node.routes();
  private int eth0;

  @BeforeEach
  void link() {
    Link link = routes.create(NewLink.veth("eth0", VethPeer.named("wire")).withUp());
    routes.change(LinkRef.named("wire"), LinkChange.UP);
    eth0 = link.index();
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void addresses() {
    List<Address> wanted =
        List.of(
            Address.of(eth0, IpPrefix.parse("10.0.0.5/24"))
                .withBroadcast(InetAddress.ofLiteral("10.0.0.255")),
            Address.of(eth0, IpPrefix.parse("10.9.9.9/32"))
                .withScope(Scope.LINK)
                .withFlags(Set.of(AddressFlag.NO_PREFIX_ROUTE)),
            Address.of(eth0, IpPrefix.parse("172.16.0.1/32"))
                .withPeer(InetAddress.ofLiteral("172.16.0.2")),
            Address.of(eth0, IpPrefix.parse("2001:db8::5/64"))
                .withFlags(Set.of(AddressFlag.NO_DAD)));
    wanted.forEach(routes::add);

    assertThat(node.sh("ip -o addr show dev eth0 scope global"))
        .contains("inet 10.0.0.5/24 brd 10.0.0.255 scope global eth0")
        .contains("inet 172.16.0.1 peer 172.16.0.2/32 scope global eth0")
        .contains("inet6 2001:db8::5/64 scope global nodad");
    assertThat(node.sh("ip -o addr show dev eth0 scope link"))
        .contains("inet 10.9.9.9/32 scope link noprefixroute eth0");
    assertThat(routes.addresses(eth0))
        .extracting(a -> a.withFlags(Set.of()))
        .containsAll(wanted.stream().map(a -> a.withFlags(Set.of())).toList());
    assertThat(routes.addresses(eth0)).allSatisfy(a -> assertThat(a.link()).isEqualTo(eth0));
    assertThat(routes.addresses())
        .extracting(a -> a.prefix().toString())
        .contains("127.0.0.1/8", "10.0.0.5/24");
    assertThat(routes.addIfAbsent(wanted.getFirst())).isFalse();
    routes.replace(wanted.getFirst());
    assertThat(routes.delete(wanted.getFirst())).isTrue();
    assertThat(routes.delete(wanted.getFirst())).isFalse();
    assertThat(routes.addresses(4711)).isEmpty();
  }

  @Test
  void routes() {
    routes.add(Address.of(eth0, IpPrefix.parse("10.0.0.5/24")));
    List<Route> wanted =
        List.of(
            Route.onLink(IpPrefix.parse("169.254.1.1/32"), eth0).withProtocol(80),
            Route.to(IpPrefix.ALL_IPV4)
                .via(LINK_LOCAL_GATEWAY)
                .dev(eth0)
                .withTable(10_001)
                .withProtocol(80),
            Route.to(IpPrefix.parse("10.1.0.0/26"))
                .via(InetAddress.ofLiteral("192.0.2.77"))
                .dev(eth0)
                .withOnlink()
                .withProtocol(80),
            Route.to(IpPrefix.parse("10.2.0.0/16"))
                .via(InetAddress.ofLiteral("10.0.0.1"))
                .dev(eth0)
                .withPreferredSource(InetAddress.ofLiteral("10.0.0.5"))
                .withMetric(50)
                .withMtu(1400)
                .withProtocol(80),
            Route.blackhole(IpPrefix.parse("10.3.0.0/26")).withProtocol(80),
            Route.throwOn(IpPrefix.parse("10.4.0.0/26")).withTable(100).withProtocol(80));
    wanted.forEach(routes::add);

    assertThat(node.sh("ip route show proto 80"))
        .isEqualTo(
            """
            10.1.0.0/26 via 192.0.2.77 dev eth0 onlink
            10.2.0.0/16 via 10.0.0.1 dev eth0 src 10.0.0.5 metric 50 mtu 1400
            blackhole 10.3.0.0/26
            169.254.1.1 dev eth0 scope link\
            """);
    assertThat(node.sh("ip route show table 10001"))
        .isEqualTo("default via 169.254.1.1 dev eth0 proto 80");
    assertThat(node.sh("ip route show table 100")).isEqualTo("throw 10.4.0.0/26 proto 80");
    assertThat(routes.routes(RouteFilter.ALL.withProtocol(80)))
        .containsExactlyInAnyOrderElementsOf(wanted);
    assertThat(routes.routes(RouteFilter.ALL.withTable(10_001))).containsExactly(wanted.get(1));
    assertThat(routes.routes(RouteFilter.ALL.withType(RouteType.BLACKHOLE)))
        .containsExactly(wanted.get(4));
    assertThat(routes.routes(RouteFilter.ALL.withTable(4711))).isEmpty();
    assertThat(routes.addIfAbsent(wanted.getFirst())).isFalse();
    Route moved = wanted.get(2).via(InetAddress.ofLiteral("192.0.2.78"));
    routes.replace(moved);
    assertThat(routes.routes(RouteFilter.ALL.withProtocol(80)))
        .contains(moved)
        .doesNotContain(wanted.get(2));
    assertThat(routes.delete(moved)).isTrue();
    assertThat(routes.delete(moved)).isFalse();
  }

  @Test
  void routesOverIpv6() {
    List<Route> wanted =
        List.of(
            Route.onLink(IpPrefix.parse("2001:db8:1::5/128"), eth0)
                .withProtocol(80)
                .withMetric(1024),
            Route.to(IpPrefix.parse("2001:db8:2::/64"))
                .via(InetAddress.ofLiteral("fe80::1"))
                .dev(eth0)
                .withProtocol(80)
                .withMetric(77),
            Route.blackhole(IpPrefix.parse("2001:db8:3::/64")).withProtocol(80).withMetric(1024),
            Route.to(IpPrefix.parse("10.5.0.0/16"))
                .via(InetAddress.ofLiteral("fe80::1"))
                .dev(eth0)
                .withProtocol(80));
    wanted.forEach(routes::add);

    assertThat(node.sh("ip -6 route show proto 80"))
        .contains("2001:db8:1::5 dev eth0 metric 1024")
        .contains("2001:db8:2::/64 via fe80::1 dev eth0 metric 77")
        .contains("blackhole 2001:db8:3::/64 dev lo metric 1024");
    assertThat(node.sh("ip route show proto 80"))
        .isEqualTo("10.5.0.0/16 via inet6 fe80::1 dev eth0");
    assertThat(routes.routes(RouteFilter.ALL.withProtocol(80)))
        .containsExactlyInAnyOrderElementsOf(wanted);
    wanted.forEach(r -> assertThat(routes.delete(r)).isTrue());
  }

  @Test
  void rules() {
    List<Rule> wanted =
        List.of(
            Rule.lookup(AddressFamily.INET, 512, RouteTable.MAIN)
                .withTo(InetAddress.ofLiteral("10.0.0.5"))
                .withProtocol(80),
            Rule.lookup(AddressFamily.INET, 1024, RouteTable.MAIN).withMark(new Mark(0x80, 0x80)),
            Rule.lookup(AddressFamily.INET, 1536, 10_001).withFrom(IpPrefix.parse("10.0.0.0/28")),
            Rule.lookup(AddressFamily.INET, 2000, 7).withInputLink("eth0").withInverted(),
            Rule.lookup(AddressFamily.INET, 2001, 8).withOutputLink("nowhere"),
            Rule.lookup(AddressFamily.INET6, 1536, 10_001)
                .withFrom(InetAddress.ofLiteral("2001:db8::5")));
    wanted.forEach(routes::add);

    assertThat(node.sh("ip rule list"))
        .isEqualTo(
            """
            0:	from all lookup local
            512:	from all to 10.0.0.5 lookup main proto 80
            1024:	from all fwmark 0x80/0x80 lookup main
            1536:	from 10.0.0.0/28 lookup 10001
            2000:	not from all iif eth0 lookup 7
            2001:	from all oif nowhere [detached] lookup 8
            32766:	from all lookup main
            32767:	from all lookup default\
            """);
    assertThat(node.sh("ip -6 rule list")).contains("1536:\tfrom 2001:db8::5 lookup 10001");
    assertThat(routes.rules()).containsAll(wanted);
    assertThat(routes.addIfAbsent(wanted.getFirst())).isFalse();
    wanted.forEach(r -> assertThat(routes.delete(r)).isTrue());
    assertThat(routes.rules()).doesNotContainAnyElementsOf(wanted);
    assertThat(routes.delete(wanted.getFirst())).isFalse();
    assertThatThrownBy(() -> routes.replace(wanted.getFirst()))
        .hasMessageContaining("rules cannot be replaced");
  }

  @Test
  void neighbours() {
    Neighbor v4 = Neighbor.permanent(eth0, LINK_LOCAL_GATEWAY, MAC);
    Neighbor v6 = Neighbor.permanent(eth0, InetAddress.ofLiteral("fe80::1"), MAC);
    Neighbor proxy = Neighbor.proxy(eth0, InetAddress.ofLiteral("10.0.0.99"));
    Neighbor proxy6 = Neighbor.proxy(eth0, InetAddress.ofLiteral("2001:db8::99"));
    List.of(v4, v6, proxy, proxy6).forEach(routes::replace);

    assertThat(node.sh("ip neigh show dev eth0 nud permanent"))
        .contains(
            "169.254.1.1 lladdr 66:f9:37:c3:7e:94 PERMANENT",
            "fe80::1 lladdr 66:f9:37:c3:7e:94 PERMANENT");
    assertThat(node.sh("ip neigh show proxy"))
        .contains("10.0.0.99 dev eth0", "2001:db8::99 dev eth0", "proxy");
    assertThat(routes.neighbors(eth0)).contains(v4, v6).doesNotContain(proxy);
    assertThat(routes.neighbors()).contains(v4, v6);
    assertThat(routes.proxies()).containsExactlyInAnyOrder(proxy, proxy6);
    MacAddress other = MacAddress.parse("66:00:00:00:00:01");
    routes.replace(Neighbor.permanent(eth0, LINK_LOCAL_GATEWAY, other));
    assertThat(routes.neighbors(eth0))
        .contains(Neighbor.permanent(eth0, LINK_LOCAL_GATEWAY, other));
    assertThat(routes.delete(v4)).isTrue();
    assertThat(routes.delete(proxy)).isTrue();
    assertThat(routes.delete(proxy)).isFalse();
    assertThat(routes.neighbors(4711)).isEmpty();
  }

  @Test
  void forwardingEntries() {
    Link vxlan = routes.create(NewLink.of("vxlan.calico", LinkKind.Vxlan.of(4096, 4789)).withUp());
    FdbEntry entry = FdbEntry.vxlan(vxlan.index(), MAC, InetAddress.ofLiteral("192.0.2.2"));
    routes.replace(entry);
    routes.replace(
        FdbEntry.vxlan(
            vxlan.index(),
            MacAddress.parse("66:00:00:00:00:02"),
            InetAddress.ofLiteral("192.0.2.3")));

    assertThat(node.sh("bridge fdb show dev vxlan.calico"))
        .contains(
            "66:f9:37:c3:7e:94 dst 192.0.2.2 self permanent",
            "66:00:00:00:00:02 dst 192.0.2.3 self permanent");
    assertThat(routes.fdb(vxlan.index())).hasSize(2).contains(entry);
    FdbEntry moved = FdbEntry.vxlan(vxlan.index(), MAC, InetAddress.ofLiteral("192.0.2.9"));
    routes.replace(moved);
    assertThat(routes.fdb(vxlan.index())).contains(moved).doesNotContain(entry);
    assertThat(routes.delete(moved)).isTrue();
    assertThat(routes.delete(moved)).isFalse();
    assertThat(routes.fdb(4711)).isEmpty();
  }

  @Test
  void batchGoesOnAfterAFailureAndSaysWhichFailed() {
    Route first = Route.onLink(IpPrefix.parse("10.1.0.1/32"), eth0);
    Route unreachable =
        Route.to(IpPrefix.parse("10.2.0.0/24")).via(InetAddress.ofLiteral("198.51.100.1"));
    Route last = Route.onLink(IpPrefix.parse("10.1.0.2/32"), eth0);

    BatchResult result = routes.execute(new RouteBatch().add(first).add(unreachable).add(last));

    assertThat(result.failures().keySet()).containsExactly(1);
    NetlinkException failure = result.failure(1).orElseThrow();
    assertThat(failure.kernelMessage()).isEqualTo("Nexthop has invalid gateway");
    assertThat(failure.getMessage())
        .isEqualTo(
            "add route 10.2.0.0/24 via 198.51.100.1 table 254 proto 3: ENETUNREACH: network is"
                + " unreachable: Nexthop has invalid gateway");
    assertThat(routes.routes(RouteFilter.ALL.withLink(eth0))).contains(first, last);
  }
}
