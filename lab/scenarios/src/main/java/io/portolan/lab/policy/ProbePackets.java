package io.portolan.lab.policy;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.packet.PacketProber.Attempt;
import io.portolan.linux.packet.Segment;
import io.portolan.linux.packet.Station;
import io.portolan.policy.nft.Flow;
import java.util.List;
import java.util.Set;

/** Probes as packets, as far as there are such packets. */
final class ProbePackets {
  /** Not routed by Linux, or to more than one receiver (net/ipv4/route.c, net/ipv6/route.c). */
  private static final List<Cidr> NOT_ROUTED =
      List.of(
          Cidr.parse("0.0.0.0/8"),
          Cidr.parse("127.0.0.0/8"),
          Cidr.parse("224.0.0.0/4"),
          Cidr.parse("255.255.255.255/32"),
          Cidr.parse("::/127"),
          Cidr.parse("::ffff:0:0/96"),
          Cidr.parse("fe80::/10"),
          Cidr.parse("ff00::/8"));

  /** IPv6 extension headers that the kernel looks behind (ipv6_ext_hdr of net/ipv6). */
  private static final Set<Integer> EXTENSION_HEADERS = Set.of(0, 43, 44, 51, 59, 60);

  /**
   * ICMP types that connection tracking begins a connection with, and ICMPv6's ({@code valid_new}
   * of nf_conntrack_proto_icmp.c and nf_conntrack_proto_icmpv6.c). Others belong to one, or pass
   * only where nothing is policed.
   */
  private static final Set<Integer> BEGINNING = Set.of(8, 13, 15, 17);

  private static final Set<Integer> BEGINNING_V6 = Set.of(128, 139);

  /**
   * Linux computes its checksum with UDP's number (udplite_error of nf_conntrack_proto_udp.c), so
   * no packet with the right one begins a connection.
   */
  private static final int UDP_LITE = 136;

  private ProbePackets() {}

  /** What to do about a probe. */
  sealed interface Plan {
    record Send(Attempt attempt) implements Plan {}

    record Leave(String why) implements Plan {}
  }

  static Plan plan(Flow flow, PolicyNetwork network) {
    for (IpAddress end : List.of(flow.source(), flow.destination())) {
      if (NOT_ROUTED.stream().anyMatch(block -> block.contains(end))) {
        return new Plan.Leave(end + " is no address that is routed");
      }
    }
    if (!flow.source().isIpv4() && EXTENSION_HEADERS.contains(flow.protocol())) {
      return new Plan.Leave("in IPv6, " + flow.protocol() + " is no protocol of a connection");
    }
    if (!begins(flow)) {
      return new Plan.Leave("Linux lets no connection begin with " + what(flow));
    }
    Station from = network.station(flow.source());
    Station to = network.station(flow.destination());
    if (from.equals(to) && !network.isWorld(from)) {
      return new Plan.Leave("it would not leave where it begins");
    }
    if (to instanceof Station.Machine && (flow.protocol() == 0 || flow.protocol() == 255)) {
      return new Plan.Leave("a node cannot be seen to receive protocol " + flow.protocol());
    }
    return new Plan.Send(
        new Attempt(
            from,
            to,
            flow.source().toInetAddress(),
            flow.destination().toInetAddress(),
            segment(flow)));
  }

  private static boolean begins(Flow flow) {
    return flow.isIcmp()
        ? (flow.source().isIpv4() ? BEGINNING : BEGINNING_V6).contains(flow.port() >> 8)
        : flow.protocol() != UDP_LITE;
  }

  private static String what(Flow flow) {
    return flow.isIcmp()
        ? (flow.source().isIpv4() ? "ICMP" : "ICMPv6") + " type " + (flow.port() >> 8)
        : "protocol " + flow.protocol();
  }

  private static Segment segment(Flow flow) {
    if (flow.isIcmp()) {
      return new Segment.Icmp(!flow.source().isIpv4(), flow.port() >> 8, flow.port() & 0xff, 0);
    }
    return switch (flow.protocol()) {
      case Segment.TCP -> new Segment.TcpSyn(flow.sourcePort(), flow.port());
      case Segment.UDP -> new Segment.Udp(flow.sourcePort(), flow.port());
      case Segment.SCTP -> new Segment.SctpInit(flow.sourcePort(), flow.port());
      default -> new Segment.Other(flow.protocol());
    };
  }
}
