package io.portolan.linux.nft;

/**
 * Header fields (RFC 791, 8200, 792, 4443, 9293, 768, 9260).
 *
 * <p>Reading one presupposes its protocol; the check for it is added to the rule where nft would
 * add it, so {@code ip saddr} never reads an IPv6 header in an inet table.
 */
public enum PayloadField implements NftSelector {
  ETHER_DADDR("ether daddr", NftType.ETHER_ADDR, Header.LINK, 0, Protocol.ETHER),
  ETHER_SADDR("ether saddr", NftType.ETHER_ADDR, Header.LINK, 6, Protocol.ETHER),
  IP_PROTOCOL("ip protocol", NftType.INET_PROTO, Header.NETWORK, 9, Protocol.IP),
  IP_SADDR("ip saddr", NftType.IPV4_ADDR, Header.NETWORK, 12, Protocol.IP),
  IP_DADDR("ip daddr", NftType.IPV4_ADDR, Header.NETWORK, 16, Protocol.IP),
  IP6_NEXTHDR("ip6 nexthdr", NftType.INET_PROTO, Header.NETWORK, 6, Protocol.IP6),
  IP6_HOPLIMIT("ip6 hoplimit", NftType.INTEGER, Header.NETWORK, 7, Protocol.IP6),
  IP6_SADDR("ip6 saddr", NftType.IPV6_ADDR, Header.NETWORK, 8, Protocol.IP6),
  IP6_DADDR("ip6 daddr", NftType.IPV6_ADDR, Header.NETWORK, 24, Protocol.IP6),
  ICMP_TYPE("icmp type", NftType.ICMP_TYPE, Header.TRANSPORT, 0, Protocol.ICMP),
  ICMP_CODE("icmp code", NftType.ICMP_CODE, Header.TRANSPORT, 1, Protocol.ICMP),
  ICMPV6_TYPE("icmpv6 type", NftType.ICMPV6_TYPE, Header.TRANSPORT, 0, Protocol.ICMPV6),
  ICMPV6_CODE("icmpv6 code", NftType.ICMPV6_CODE, Header.TRANSPORT, 1, Protocol.ICMPV6),
  TCP_SPORT("tcp sport", NftType.INET_SERVICE, Header.TRANSPORT, 0, Protocol.TCP),
  TCP_DPORT("tcp dport", NftType.INET_SERVICE, Header.TRANSPORT, 2, Protocol.TCP),
  TCP_FLAGS("tcp flags", NftType.TCP_FLAG, Header.TRANSPORT, 13, Protocol.TCP),
  UDP_SPORT("udp sport", NftType.INET_SERVICE, Header.TRANSPORT, 0, Protocol.UDP),
  UDP_DPORT("udp dport", NftType.INET_SERVICE, Header.TRANSPORT, 2, Protocol.UDP),
  SCTP_SPORT("sctp sport", NftType.INET_SERVICE, Header.TRANSPORT, 0, Protocol.SCTP),
  SCTP_DPORT("sctp dport", NftType.INET_SERVICE, Header.TRANSPORT, 2, Protocol.SCTP),
  /** The source port of any transport that has it there; pair it with {@code meta l4proto}. */
  TH_SPORT("th sport", NftType.INET_SERVICE, Header.TRANSPORT, 0, Protocol.ANY),
  /** The destination port of any transport that has it there; pair it with meta l4proto. */
  TH_DPORT("th dport", NftType.INET_SERVICE, Header.TRANSPORT, 2, Protocol.ANY);

  private final String text;
  private final NftType type;
  private final Header header;
  private final int offset;
  private final Protocol protocol;

  PayloadField(String text, NftType type, Header header, int offset, Protocol protocol) {
    this.text = text;
    this.type = type;
    this.header = header;
    this.offset = offset;
    this.protocol = protocol;
  }

  @Override
  public NftType type() {
    return type;
  }

  @Override
  public String text() {
    return text;
  }

  /** The header that {@link #offset()} counts from. */
  public Header header() {
    return header;
  }

  /** In bytes from the start of the header. */
  public int offset() {
    return offset;
  }

  /** What the packet must be for the field to exist. */
  public Protocol protocol() {
    return protocol;
  }

  /** Enum nft_payload_bases. */
  public enum Header {
    LINK,
    NETWORK,
    TRANSPORT;

    /** The kernel's number. */
    public int number() {
      return switch (this) {
        case LINK -> 0;
        case NETWORK -> 1;
        case TRANSPORT -> 2;
      };
    }
  }

  /** What a field presupposes about the packet. */
  public enum Protocol {
    ANY,
    ETHER,
    IP,
    IP6,
    ICMP,
    ICMPV6,
    TCP,
    UDP,
    SCTP
  }
}
