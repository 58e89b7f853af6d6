package io.portolan.linux.nft;

import java.util.OptionalInt;

/** What connection tracking knows of the packet's connection (enum nft_ct_keys). */
public enum CtField implements NftSelector {
  STATE("ct state", NftType.CT_STATE, 0, -1),
  /** 0 original, 1 reply. */
  DIRECTION("ct direction", NftType.CT_DIR, 1, -1),
  /** IPS_* bits of {@code nf_conntrack_common.h}: 0x20 after destination NAT. */
  STATUS("ct status", NftType.CT_STATUS, 2, -1),
  MARK("ct mark", NftType.MARK, 3, -1),
  ORIGINAL_IP_SADDR("ct original ip saddr", NftType.IPV4_ADDR, 19, 0),
  ORIGINAL_IP_DADDR("ct original ip daddr", NftType.IPV4_ADDR, 20, 0),
  ORIGINAL_IP6_SADDR("ct original ip6 saddr", NftType.IPV6_ADDR, 21, 0),
  ORIGINAL_IP6_DADDR("ct original ip6 daddr", NftType.IPV6_ADDR, 22, 0),
  REPLY_IP_SADDR("ct reply ip saddr", NftType.IPV4_ADDR, 19, 1),
  REPLY_IP_DADDR("ct reply ip daddr", NftType.IPV4_ADDR, 20, 1),
  REPLY_IP6_SADDR("ct reply ip6 saddr", NftType.IPV6_ADDR, 21, 1),
  REPLY_IP6_DADDR("ct reply ip6 daddr", NftType.IPV6_ADDR, 22, 1),
  /** The source port. */
  ORIGINAL_PROTO_SRC("ct original proto-src", NftType.INET_SERVICE, 11, 0),
  /** The destination port before any NAT; of ICMP the type and, in the lower half, the code. */
  ORIGINAL_PROTO_DST("ct original proto-dst", NftType.INET_SERVICE, 12, 0),
  /** The destination port behind any NAT; nft knows its type only behind {@code meta l4proto}. */
  REPLY_PROTO_SRC("ct reply proto-src", NftType.INET_SERVICE, 11, 1);

  private final String text;
  private final NftType type;
  private final int number;
  private final int direction;

  CtField(String text, NftType type, int number, int direction) {
    this.text = text;
    this.type = type;
    this.number = number;
    this.direction = direction;
  }

  @Override
  public NftType type() {
    return type;
  }

  @Override
  public String text() {
    return text;
  }

  /** The kernel's number. */
  public int number() {
    return number;
  }

  /** IP_CT_DIR_*: 0 original, 1 reply; empty where the key has none. */
  public OptionalInt direction() {
    return direction < 0 ? OptionalInt.empty() : OptionalInt.of(direction);
  }
}
