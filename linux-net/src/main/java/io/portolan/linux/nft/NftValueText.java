package io.portolan.linux.nft;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Values in nft's own spelling, symbolic names included. */
final class NftValueText {
  private static final Map<NftType, Map<Long, String>> NAMES =
      Map.ofEntries(
          Map.entry(NftType.NFPROTO, Map.of(2L, "ipv4", 10L, "ipv6")),
          Map.entry(NftType.ETHER_TYPE, Map.of(0x800L, "ip", 0x806L, "arp", 0x86ddL, "ip6")),
          Map.entry(
              NftType.INET_PROTO,
              Map.ofEntries(
                  Map.entry(0L, "ip"),
                  Map.entry(1L, "icmp"),
                  Map.entry(2L, "igmp"),
                  Map.entry(4L, "ipencap"),
                  Map.entry(6L, "tcp"),
                  Map.entry(17L, "udp"),
                  Map.entry(33L, "dccp"),
                  Map.entry(41L, "ipv6"),
                  Map.entry(47L, "gre"),
                  Map.entry(50L, "esp"),
                  Map.entry(51L, "ah"),
                  Map.entry(58L, "ipv6-icmp"),
                  Map.entry(89L, "ospf"),
                  Map.entry(112L, "vrrp"),
                  Map.entry(132L, "sctp"),
                  Map.entry(136L, "udplite"))),
          Map.entry(
              NftType.ICMP_TYPE,
              Map.ofEntries(
                  Map.entry(0L, "echo-reply"),
                  Map.entry(3L, "destination-unreachable"),
                  Map.entry(4L, "source-quench"),
                  Map.entry(5L, "redirect"),
                  Map.entry(8L, "echo-request"),
                  Map.entry(9L, "router-advertisement"),
                  Map.entry(10L, "router-solicitation"),
                  Map.entry(11L, "time-exceeded"),
                  Map.entry(12L, "parameter-problem"),
                  Map.entry(13L, "timestamp-request"),
                  Map.entry(14L, "timestamp-reply"),
                  Map.entry(15L, "info-request"),
                  Map.entry(16L, "info-reply"),
                  Map.entry(17L, "address-mask-request"),
                  Map.entry(18L, "address-mask-reply"))),
          Map.entry(
              NftType.ICMP_CODE,
              Map.of(
                  0L, "net-unreachable",
                  1L, "host-unreachable",
                  2L, "prot-unreachable",
                  3L, "port-unreachable",
                  4L, "frag-needed",
                  9L, "net-prohibited",
                  10L, "host-prohibited",
                  13L, "admin-prohibited")),
          Map.entry(
              NftType.ICMPV6_TYPE,
              Map.ofEntries(
                  Map.entry(1L, "destination-unreachable"),
                  Map.entry(2L, "packet-too-big"),
                  Map.entry(3L, "time-exceeded"),
                  Map.entry(4L, "parameter-problem"),
                  Map.entry(128L, "echo-request"),
                  Map.entry(129L, "echo-reply"),
                  Map.entry(130L, "mld-listener-query"),
                  Map.entry(131L, "mld-listener-report"),
                  Map.entry(132L, "mld-listener-done"),
                  Map.entry(133L, "nd-router-solicit"),
                  Map.entry(134L, "nd-router-advert"),
                  Map.entry(135L, "nd-neighbor-solicit"),
                  Map.entry(136L, "nd-neighbor-advert"),
                  Map.entry(137L, "nd-redirect"),
                  Map.entry(138L, "router-renumbering"),
                  Map.entry(141L, "ind-neighbor-solicit"),
                  Map.entry(142L, "ind-neighbor-advert"),
                  Map.entry(143L, "mld2-listener-report"))),
          Map.entry(
              NftType.ICMPV6_CODE,
              Map.of(
                  0L, "no-route",
                  1L, "admin-prohibited",
                  3L, "addr-unreachable",
                  4L, "port-unreachable",
                  5L, "policy-fail",
                  6L, "reject-route")),
          Map.entry(NftType.CT_DIR, Map.of(0L, "original", 1L, "reply")),
          Map.entry(
              NftType.PKT_TYPE, Map.of(0L, "host", 1L, "broadcast", 2L, "multicast", 3L, "other")),
          Map.entry(
              NftType.FIB_ADDRTYPE,
              Map.of(
                  0L, "unspec",
                  1L, "unicast",
                  2L, "local",
                  3L, "broadcast",
                  4L, "anycast",
                  5L, "multicast",
                  6L, "blackhole",
                  7L, "unreachable",
                  8L, "prohibit")),
          Map.entry(NftType.BOOLEAN, Map.of(0L, "missing", 1L, "exists")));

  /** Types that are printed as a list of bits. */
  private static final Map<NftType, List<String>> BITS =
      Map.of(
          NftType.TCP_FLAG, List.of("fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr"),
          NftType.CT_STATE,
              List.of("invalid", "established", "related", "new", "", "", "untracked"),
          NftType.CT_STATUS,
              List.of(
                  "expected",
                  "seen-reply",
                  "assured",
                  "confirmed",
                  "snat",
                  "dnat",
                  "",
                  "",
                  "",
                  "dying"));

  private NftValueText() {}

  static String of(NftValue value) {
    NftType type = value.type();
    List<String> bits = BITS.get(type);
    if (bits != null) {
      return bits(value.low(), bits);
    }
    return Optional.ofNullable(NAMES.getOrDefault(type, Map.of()).get(value.low()))
        .orElseGet(() -> number(value));
  }

  static String of(NftInterval range) {
    NftValue from = range.from();
    if (isAddress(from.type())) {
      for (int length = 0; length < from.bits(); length++) {
        if (from.firstOf(length).equals(from) && from.lastOf(length).equals(range.to())) {
          return number(from) + "/" + length;
        }
      }
    }
    return number(from) + "-" + number(range.to());
  }

  private static boolean isAddress(NftType type) {
    return type == NftType.IPV4_ADDR || type == NftType.IPV6_ADDR;
  }

  /** Without symbolic names, as nft prints inside ranges. */
  static String number(NftValue value) {
    return switch (value.type()) {
      case IPV4_ADDR -> NftAddressText.ipv4(value.low());
      case IPV6_ADDR -> NftAddressText.ipv6(value.high(), value.low());
      case ETHER_ADDR -> mac(value.low());
      case IFNAME -> '"' + name(value) + '"';
      case MARK, CT_STATE, CT_STATUS -> String.format("0x%08x", value.low());
      case TCP_FLAG -> String.format("0x%x", value.low());
      case ETHER_TYPE -> String.format("0x%04x", value.low());
      case VERDICT,
          NFPROTO,
          INET_PROTO,
          INET_SERVICE,
          ICMP_TYPE,
          ICMP_CODE,
          ICMPV6_TYPE,
          ICMPV6_CODE,
          CT_DIR,
          PKT_TYPE,
          FIB_ADDRTYPE,
          INTEGER,
          BOOLEAN ->
          Long.toUnsignedString(value.low());
    };
  }

  /** The characters of an interface name. */
  static String name(NftValue value) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < 16; i++) {
      long word = i < 8 ? value.high() : value.low();
      char c = (char) ((word >>> (56 - i % 8 * 8)) & 0xff);
      if (c == 0) {
        break;
      }
      out.append(c);
    }
    return out.toString();
  }

  private static String mac(long bits) {
    StringBuilder out = new StringBuilder(17);
    for (int shift = 40; shift >= 0; shift -= 8) {
      out.append(String.format("%02x", bits >>> shift & 0xff)).append(shift > 0 ? ":" : "");
    }
    return out.toString();
  }

  private static String bits(long value, List<String> names) {
    List<String> set = new ArrayList<>();
    long left = value;
    for (int i = 0; i < names.size(); i++) {
      if ((value >>> i & 1) == 1 && !names.get(i).isEmpty()) {
        set.add(names.get(i));
        left &= ~(1L << i);
      }
    }
    if (left != 0 || set.isEmpty()) {
      set.add(String.format("0x%x", left));
    }
    return String.join(",", set);
  }
}
