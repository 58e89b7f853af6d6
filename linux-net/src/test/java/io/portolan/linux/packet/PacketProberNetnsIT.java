package io.portolan.linux.packet;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.linux.TestNamespace;
import io.portolan.linux.conntrack.ConntrackSocket;
import io.portolan.linux.conntrack.FlowFilter;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.packet.PacketProber.Attempt;
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
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two hosts on a router with rules: what arrives is what the rules let through. */
class PacketProberNetnsIT {
  private static final MacAddress ROUTER = MacAddress.parse("ee:ee:ee:ee:ee:ee");
  private static final MacAddress HOST = MacAddress.parse("02:00:00:00:00:05");

  private final TestNamespace router = new TestNamespace();
  private final ConntrackSocket conntrack = ConntrackSocket.openIn(router.namespace());
  private final List<AutoCloseable> open = new ArrayList<>();
  private PacketProber prober;
  private Station one;
  private Station other;
  private Station machine;

  @BeforeEach
  void wire() {
    router.run(
        "sysctl",
        "-q",
        "-w",
        "net.ipv4.ip_forward=1",
        "net.ipv6.conf.all.forwarding=1",
        "net.ipv4.conf.all.rp_filter=0");
    one = host("one", "10.0.0.1", "fd00::1");
    other = host("other", "10.0.0.2", "fd00::2");
    machine = Station.machine(router.namespace());
    router.sh("ip addr add 10.0.0.9/32 dev lo");
    router.sh("ip addr add fd00::9/128 dev lo");
    prober = new PacketProber(() -> conntrack.delete(FlowFilter.ALL));
  }

  private Station host(String name, String... addresses) {
    NetworkNamespace namespace = NetworkNamespace.anonymous();
    open.add(namespace);
    int link =
        router
            .routes()
            .create(
                NewLink.veth(name, VethPeer.named("eth0").withMac(HOST).in(namespace))
                    .withMac(ROUTER)
                    .withUp())
            .index();
    RouteBatch batch = new RouteBatch();
    for (String address : addresses) {
      IpPrefix prefix = IpPrefix.parse(address);
      batch
          .replace(Neighbor.permanent(link, prefix.address(), HOST))
          .add(Route.onLink(prefix, link));
    }
    router.routes().apply(batch);
    try (RouteSocket inside = RouteSocket.openIn(namespace)) {
      int eth0 = inside.link("eth0").orElseThrow().index();
      inside.change(LinkRef.of(eth0), LinkChange.UP);
      // Until the kernel has noticed that both ends are up, the first drops what it is to send.
      while (router.routes().link(link).orElseThrow().state() != OperationalState.UP) {
        Thread.onSpinWait();
      }
      return Station.onLink(namespace, eth0, ROUTER);
    }
  }

  @AfterEach
  void close() throws Exception {
    prober.close();
    one.close();
    other.close();
    machine.close();
    for (AutoCloseable each : open) {
      each.close();
    }
    conntrack.close();
    router.close();
  }

  /** Those that connection tracking would not take for a connection's beginning are dropped. */
  @Test
  void connectionsOfEveryProtocolBegin() {
    router.run(
        "nft",
        "add table inet t; add chain inet t f { type filter hook forward priority 0; };"
            + " add rule inet t f ct state new accept; add rule inet t f drop");
    Map<String, Boolean> arrived = new LinkedHashMap<>();
    List<Segment> segments =
        List.of(
            new Segment.TcpSyn(40_000, 80),
            new Segment.Udp(40_000, 53),
            new Segment.SctpInit(40_000, 9),
            new Segment.Icmp(false, 8, 0, 0),
            new Segment.Icmp(false, 13, 0, 0),
            new Segment.Icmp(false, 3, 1, 0),
            new Segment.Icmp(false, 0, 0, 0),
            new Segment.Other(47),
            new Segment.Other(50),
            new Segment.Other(0),
            new Segment.Other(255));
    List<Segment> segments6 =
        List.of(
            new Segment.TcpSyn(40_000, 80),
            new Segment.Udp(40_000, 53),
            new Segment.SctpInit(40_000, 9),
            new Segment.Icmp(true, 128, 0, 0),
            new Segment.Icmp(true, 129, 0, 0),
            new Segment.Other(47),
            new Segment.Other(59),
            new Segment.Other(254));
    put(arrived, "10.0.0.1", "10.0.0.2", segments);
    put(arrived, "fd00::1", "fd00::2", segments6);
    assertThat(text(arrived))
        .isEqualTo(
            """
            IPv4 TcpSyn[sourcePort=40000, destinationPort=80] true
            IPv4 Udp[sourcePort=40000, destinationPort=53] true
            IPv4 SctpInit[sourcePort=40000, destinationPort=9] true
            IPv4 Icmp[v6=false, type=8, code=0, identifier=0] true
            IPv4 Icmp[v6=false, type=13, code=0, identifier=0] true
            IPv4 Icmp[v6=false, type=3, code=1, identifier=0] false
            IPv4 Icmp[v6=false, type=0, code=0, identifier=0] false
            IPv4 Other[protocol=47] true
            IPv4 Other[protocol=50] true
            IPv4 Other[protocol=0] true
            IPv4 Other[protocol=255] true
            IPv6 TcpSyn[sourcePort=40000, destinationPort=80] true
            IPv6 Udp[sourcePort=40000, destinationPort=53] true
            IPv6 SctpInit[sourcePort=40000, destinationPort=9] true
            IPv6 Icmp[v6=true, type=128, code=0, identifier=0] true
            IPv6 Icmp[v6=true, type=129, code=0, identifier=0] false
            IPv6 Other[protocol=47] true
            IPv6 Other[protocol=59] false
            IPv6 Other[protocol=254] true
            """);
    assertThat(prober.late()).isZero();
  }

  private void put(
      Map<String, Boolean> arrived, String source, String destination, List<Segment> segments) {
    List<Attempt> attempts = new ArrayList<>();
    segments.forEach(segment -> attempts.add(attempt(one, other, source, destination, segment)));
    BitSet found = prober.arrivals(attempts);
    for (int i = 0; i < segments.size(); i++) {
      arrived.put((source.contains(":") ? "IPv6 " : "IPv4 ") + segments.get(i), found.get(i));
    }
  }

  private static Attempt attempt(
      Station from, Station to, String source, String destination, Segment segment) {
    return new Attempt(
        from, to, InetAddress.ofLiteral(source), InetAddress.ofLiteral(destination), segment);
  }

  private static String text(Map<String, Boolean> arrived) {
    StringBuilder text = new StringBuilder();
    arrived.forEach((what, so) -> text.append(what).append(' ').append(so).append('\n'));
    return text.toString();
  }

  /** Also of a thousand at once none is taken for another, and a tried connection is new again. */
  @Test
  void whatARuleDropsDoesNotArrive() {
    router.run(
        "nft",
        "add table inet t; add chain inet t f { type filter hook forward priority 0; };"
            + " add rule inet t f ct state established accept;"
            + " add rule inet t f tcp dport 1000-1999 drop;"
            + " add rule inet t f udp sport 7 drop");
    List<Attempt> attempts = new ArrayList<>();
    for (int port = 0; port < 3000; port++) {
      attempts.add(attempt(one, other, "10.0.0.1", "10.0.0.2", new Segment.TcpSyn(40_000, port)));
    }
    // The way back, of which one direction is let through.
    Segment way = new Segment.Udp(7, 8);
    Segment back = new Segment.Udp(8, 7);
    for (int i = 0; i < 5; i++) {
      attempts.add(attempt(one, other, "fd00::1", "fd00::2", way));
      attempts.add(attempt(other, one, "fd00::2", "fd00::1", back));
    }
    BitSet arrived = prober.arrivals(attempts);
    BitSet expected = new BitSet();
    expected.set(0, 1000);
    expected.set(2000, 3000);
    for (int i = 3001; i < 3010; i += 2) {
      expected.set(i);
    }
    assertThat(arrived).isEqualTo(expected);
    long begin = System.nanoTime();
    prober.arrivals(attempts.subList(0, 3000));
    System.out.printf("%.0f probes/s%n", 3000 / ((System.nanoTime() - begin) / 1e9));
    assertThat(prober.late()).isZero();
  }

  @Test
  void aMachinesOwnPacketsPassItsOwnRules() {
    router.run(
        "nft",
        "add table inet t; add chain inet t i { type filter hook input priority 0; };"
            + " add chain inet t o { type filter hook output priority 0; };"
            + " add rule inet t i tcp dport 81 drop; add rule inet t o udp dport 81 drop;"
            + " add rule inet t i icmpv6 type 128 icmpv6 code 1 drop");
    List<Attempt> attempts =
        List.of(
            attempt(one, machine, "10.0.0.1", "10.0.0.9", new Segment.TcpSyn(1, 80)),
            attempt(one, machine, "10.0.0.1", "10.0.0.9", new Segment.TcpSyn(1, 81)),
            attempt(one, machine, "fd00::1", "fd00::9", new Segment.TcpSyn(1, 80)),
            attempt(one, machine, "fd00::1", "fd00::9", new Segment.TcpSyn(1, 81)),
            attempt(one, machine, "fd00::1", "fd00::9", new Segment.SctpInit(1, 81)),
            attempt(one, machine, "fd00::1", "fd00::9", new Segment.Icmp(true, 128, 0, 0)),
            attempt(one, machine, "fd00::1", "fd00::9", new Segment.Icmp(true, 128, 1, 0)),
            attempt(machine, one, "10.0.0.9", "10.0.0.1", new Segment.Udp(1, 80)),
            attempt(machine, one, "10.0.0.9", "10.0.0.1", new Segment.Udp(1, 81)),
            attempt(machine, one, "fd00::9", "fd00::1", new Segment.Udp(1, 80)),
            attempt(machine, one, "fd00::9", "fd00::1", new Segment.Udp(1, 81)),
            attempt(machine, one, "fd00::9", "fd00::1", new Segment.SctpInit(1, 81)));
    assertThat(prober.arrivals(attempts)).hasToString("{0, 2, 4, 5, 7, 9, 11}");
    assertThat(prober.late()).isZero();
  }
}
