package io.portolan.policy.compile;

import io.portolan.common.net.IpFamily;
import io.portolan.linux.nft.CtField;
import io.portolan.linux.nft.NftSelector;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.PayloadField;
import io.portolan.policy.model.End;
import io.portolan.policy.model.Policy;
import io.portolan.policy.nft.Skeleton;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Where rules read the ends of a connection. */
enum EndFields {
  /** The connection: who opened it, and whom it reaches behind any destination NAT. */
  CONNECTION,

  /** The connection as it was addressed, before any destination NAT. */
  ADDRESSED,

  /** The header of each packet, where no connection is known: sender and receiver. */
  PACKET;

  /** What a policy's rules look at. */
  static EndFields of(Policy.Reach reach) {
    return switch (reach) {
      case LOCAL, FORWARDED -> CONNECTION;
      case PRE_DNAT -> ADDRESSED;
      case UNTRACKED -> PACKET;
    };
  }

  NftSelector address(End end, IpFamily family) {
    boolean four = family == IpFamily.IPV4;
    return switch (this) {
      case CONNECTION -> end == End.SOURCE ? Skeleton.source(family) : Skeleton.destination(family);
      case ADDRESSED ->
          end == End.SOURCE
              ? Skeleton.source(family)
              : four ? CtField.ORIGINAL_IP_DADDR : CtField.ORIGINAL_IP6_DADDR;
      case PACKET ->
          end == End.SOURCE
              ? (four ? PayloadField.IP_SADDR : PayloadField.IP6_SADDR)
              : (four ? PayloadField.IP_DADDR : PayloadField.IP6_DADDR);
    };
  }

  /** Behind a test of the protocol. */
  NftSelector port(End end) {
    return switch (this) {
      case CONNECTION -> end == End.SOURCE ? CtField.ORIGINAL_PROTO_SRC : CtField.REPLY_PROTO_SRC;
      case ADDRESSED -> end == End.SOURCE ? CtField.ORIGINAL_PROTO_SRC : CtField.ORIGINAL_PROTO_DST;
      case PACKET -> end == End.SOURCE ? PayloadField.TH_SPORT : PayloadField.TH_DPORT;
    };
  }

  /**
   * Tests of type and code; each list a conjunction, one of which must hold.
   *
   * <p>Of a connection the kernel keeps them where others have the destination port (union
   * nf_conntrack_man_proto, {@code nf_conntrack_tuple.h}).
   */
  List<List<NftStatement>> icmp(IpFamily family, int type, OptionalInt code, boolean negated) {
    if (this == PACKET) {
      boolean four = family == IpFamily.IPV4;
      NftStatement ofType =
          new NftStatement.Compare(
              four ? PayloadField.ICMP_TYPE : PayloadField.ICMPV6_TYPE,
              Optional.empty(),
              NftValue.number(four ? NftType.ICMP_TYPE : NftType.ICMPV6_TYPE, type),
              negated);
      if (code.isEmpty()) {
        return List.of(List.of(ofType));
      }
      NftStatement ofCode =
          new NftStatement.Compare(
              four ? PayloadField.ICMP_CODE : PayloadField.ICMPV6_CODE,
              Optional.empty(),
              NftValue.number(four ? NftType.ICMP_CODE : NftType.ICMPV6_CODE, code.getAsInt()),
              negated);
      return negated ? List.of(List.of(ofType), List.of(ofCode)) : List.of(List.of(ofType, ofCode));
    }
    int first = type << 8 | code.orElse(0);
    PortRange range = new PortRange(first, code.isPresent() ? first : type << 8 | 0xff);
    return List.of(List.of(range.test(CtField.ORIGINAL_PROTO_DST, negated)));
  }
}
