package io.portolan.linux.nft;

import java.util.Arrays;
import java.util.Optional;

/**
 * The data types of keys and values.
 *
 * <p>The kernel only knows lengths; the numbers are nft's own (enum datatypes in its {@code
 * datatype.h}, stable because they are stored in rulesets) and let {@code nft list} print a value
 * as what it is. A concatenation packs six bits per field into one number.
 */
public enum NftType {
  VERDICT(1, "verdict", 4, false),
  NFPROTO(2, "nf_proto", 1, false),
  /** A number of one byte without a type of its own. */
  INTEGER(4, "integer", 1, true),
  IPV4_ADDR(7, "ipv4_addr", 4, true),
  IPV6_ADDR(8, "ipv6_addr", 16, true),
  ETHER_ADDR(9, "ether_addr", 6, true),
  ETHER_TYPE(10, "ether_type", 2, true),
  INET_PROTO(12, "inet_proto", 1, true),
  INET_SERVICE(13, "inet_service", 2, true),
  ICMP_TYPE(14, "icmp_type", 1, true),
  TCP_FLAG(15, "tcp_flag", 1, true),
  MARK(19, "mark", 4, false),
  CT_STATE(26, "ct_state", 4, false),
  CT_DIR(27, "ct_dir", 1, false),
  CT_STATUS(28, "ct_status", 4, false),
  ICMPV6_TYPE(29, "icmpv6_type", 1, true),
  PKT_TYPE(31, "pkt_type", 1, false),
  ICMP_CODE(32, "icmp_code", 1, true),
  ICMPV6_CODE(33, "icmpv6_code", 1, true),
  FIB_ADDRTYPE(38, "fib_addrtype", 4, false),
  /** Four bytes, as a route lookup answers. */
  BOOLEAN(39, "boolean", 4, false),
  IFNAME(41, "ifname", 16, false);

  /** Width of one field in the number of a concatenated type. */
  public static final int CONCAT_BITS = 6;

  private final int number;
  private final String text;
  private final int length;
  private final boolean networkOrder;

  NftType(int number, String text, int length, boolean networkOrder) {
    this.number = number;
    this.text = text;
    this.length = length;
    this.networkOrder = networkOrder;
  }

  public int number() {
    return number;
  }

  /** The word nft uses in {@code type …}. */
  public String text() {
    return text;
  }

  /** Length in bytes; in a concatenation every field is padded to a multiple of four. */
  public int length() {
    return length;
  }

  /** Bytes taken as a field of a concatenation. */
  public int paddedLength() {
    return (length + 3) & ~3;
  }

  /** Whether the kernel compares it in network byte order, which is what ranges need. */
  public boolean networkOrder() {
    return networkOrder;
  }

  /** Whether values are sets of bits, matched by {@code ct state established,related}. */
  public boolean isBitmask() {
    return this == CT_STATE || this == CT_STATUS || this == TCP_FLAG;
  }

  /** The type nft means by a number; empty for those this library does not know. */
  public static Optional<NftType> of(int number) {
    return Arrays.stream(values()).filter(type -> type.number == number).findFirst();
  }
}
