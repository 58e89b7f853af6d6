package io.portolan.linux.nft;

import static io.portolan.linux.nft.Samples.BLOCKS;
import static io.portolan.linux.nft.Samples.BLOCKS6;
import static io.portolan.linux.nft.Samples.CLASSES;
import static io.portolan.linux.nft.Samples.DISPATCH;
import static io.portolan.linux.nft.Samples.EXACT;
import static io.portolan.linux.nft.Samples.ICMP_TYPES;
import static io.portolan.linux.nft.Samples.IFS;
import static io.portolan.linux.nft.Samples.LINKS;
import static io.portolan.linux.nft.Samples.MACS;
import static io.portolan.linux.nft.Samples.NATS;
import static io.portolan.linux.nft.Samples.ND;
import static io.portolan.linux.nft.Samples.PEERS;
import static io.portolan.linux.nft.Samples.PEERS6;
import static io.portolan.linux.nft.Samples.PINGS;
import static io.portolan.linux.nft.Samples.PINGS6;
import static io.portolan.linux.nft.Samples.PODS;
import static io.portolan.linux.nft.Samples.PODS6;
import static io.portolan.linux.nft.Samples.PORTS;
import static io.portolan.linux.nft.Samples.PORTS6;
import static io.portolan.linux.nft.Samples.SEEN;
import static io.portolan.linux.nft.Samples.cidr;
import static io.portolan.linux.nft.Samples.ip;
import static io.portolan.linux.nft.Samples.ports;

import java.time.Duration;

/** Elements of every kind for the sets of {@link Samples}. */
final class SampleElements {
  private SampleElements() {}

  static void add(NftTransaction.Builder builder) {
    NftValue tcp = NftValue.protocol(6);
    NftValue udp = NftValue.protocol(17);
    builder
        .addElements(
            PEERS,
            NftElement.of(ip("10.0.0.7")),
            NftElement.of(ip("10.0.0.8")).comment("default/web-1"))
        .addElements(PEERS6, NftElement.of(ip("fd00::7")), NftElement.of(ip("::ffff:1.2.3.4")))
        .addElements(
            BLOCKS,
            NftElement.of(cidr("0.0.0.0/8")),
            NftElement.of(cidr("10.0.0.0/9")),
            NftElement.of(cidr("10.128.0.0/9")).comment("adjacent"),
            NftElement.of(ip("192.168.1.1")),
            NftElement.of(NftInterval.of(ip("192.168.1.3"), ip("192.168.1.9"))),
            NftElement.of(cidr("255.255.255.0/24")))
        .addElements(BLOCKS6, NftElement.of(cidr("fd00::/64")), NftElement.of(cidr("ff00::/8")))
        .addElements(
            PORTS,
            NftElement.of(cidr("10.0.0.0/8"), tcp, ports(80, 95)),
            NftElement.of(ip("1.2.3.4"), udp, NftValue.port(53)).comment("dns"),
            NftElement.of(cidr("0.0.0.0/0"), tcp, ports(8000, 8099)))
        .addElements(EXACT, NftElement.of(ip("1.2.3.4"), tcp, NftValue.port(443)))
        .addElements(PORTS6, NftElement.of(cidr("fd00::/8"), tcp, ports(1, 65535)))
        .addElements(PINGS, NftElement.of(ip("1.2.3.4"), icmp(8), icmpCode(0)))
        .addElements(
            PINGS6,
            NftElement.of(
                cidr("fd00::/8"),
                NftInterval.of(icmpv6(128), icmpv6(129)),
                NftInterval.of(
                    NftValue.number(NftType.ICMPV6_CODE, 0),
                    NftValue.number(NftType.ICMPV6_CODE, 255))),
            NftElement.of(ip("fd00::1"), icmpv6(1), NftValue.number(NftType.ICMPV6_CODE, 4)))
        .addElements(
            ICMP_TYPES, NftElement.of(icmp(3)), NftElement.of(NftInterval.of(icmp(8), icmp(12))))
        .addElements(
            ND,
            NftElement.mapping(NftVerdict.ACCEPT, icmpv6(135)),
            NftElement.mapping(NftVerdict.jump("class-1"), icmpv6(2)))
        .addElements(LINKS, NftElement.of(NftValue.ifname("eth0"), NftValue.mark(5)))
        .addElements(MACS, NftElement.of(NftValue.ifname("eth0"), NftValue.ether(0x0a580a000001L)))
        .addElements(
            SEEN,
            NftElement.of(ip("10.0.0.1")).timeout(Duration.ofHours(30)),
            NftElement.of(ip("10.0.0.2")))
        .addElements(
            PODS,
            NftElement.mapping(NftVerdict.jump("class-1"), ip("10.0.0.9")).comment("default/web"),
            NftElement.mapping(NftVerdict.DROP, ip("10.0.0.10")))
        .addElements(PODS6, NftElement.mapping(NftVerdict.goTo("class-1"), ip("fd00::9")))
        .addElements(IFS, NftElement.mapping(NftVerdict.ACCEPT, NftValue.ifname("cali123")))
        .addElements(
            DISPATCH,
            NftElement.mapping(NftVerdict.jump("class-1"), tcp, ports(1, 1023)),
            NftElement.mapping(NftVerdict.ACCEPT, udp, NftValue.port(53)))
        .addElements(CLASSES, NftElement.mapping(NftValue.mark(0x10), ip("10.0.0.1")))
        .addElements(
            NATS,
            NftElement.mapping(ip("1.1.1.1"), cidr("10.0.0.0/8")),
            NftElement.mapping(ip("1.1.1.2"), cidr("11.0.0.0/8")));
  }

  private static NftValue icmp(int type) {
    return NftValue.number(NftType.ICMP_TYPE, type);
  }

  private static NftValue icmpCode(int code) {
    return NftValue.number(NftType.ICMP_CODE, code);
  }

  private static NftValue icmpv6(int type) {
    return NftValue.number(NftType.ICMPV6_TYPE, type);
  }
}
