package io.portolan.linux.conntrack;

import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.route.AddressFamily;
import io.portolan.linux.route.IpPrefix;
import java.util.Optional;

/**
 * The part of a filter the kernel can apply to a listing (CTA_FILTER, since 5.8; marks since 3.14):
 * exact addresses, protocol, ports, mark bits, family. Prefixes, IPv6 addresses and zones are left
 * to the reader.
 */
final class FlowFilterCodec {
  private static final int CTA_FILTER = 25;
  private static final int ORIGINAL_FLAGS = 1;
  private static final int REPLY_FLAGS = 2;

  // include/net/netfilter/nf_conntrack_netlink: CTA_FILTER_F_*
  private static final int BY_SOURCE = 1;
  private static final int BY_DESTINATION = 1 << 1;
  private static final int BY_PROTOCOL = 1 << 3;
  private static final int BY_SOURCE_PORT = 1 << 4;
  private static final int BY_DESTINATION_PORT = 1 << 5;

  private FlowFilterCodec() {}

  static void write(AttributeWriter w, FlowFilter filter) {
    FlowCodec.writeHeader(w, filter.family().map(AddressFamily::number).orElse(0));
    filter
        .mark()
        .ifPresent(m ->
            w.u32BigEndian(FlowCodec.MARK, m.value()).u32BigEndian(FlowCodec.MARK_MASK, m.mask()));
    if (filter.family().isEmpty()) {
      // Without a family the kernel cannot read a tuple (EOPNOTSUPP).
      return;
    }
    int original = addressFlags(filter.source(), filter.destination()) | protocolFlags(filter);
    int reply = addressFlags(filter.replySource(), filter.replyDestination());
    if (original != 0) {
      w.nested(
          FlowCodec.TUPLE_ORIGINAL,
          t -> {
            writeAddresses(t, filter.source(), filter.destination());
            writeProtocol(t, filter);
          });
    }
    if (reply != 0) {
      w.nested(
          FlowCodec.TUPLE_REPLY,
          t -> writeAddresses(t, filter.replySource(), filter.replyDestination()));
    }
    if (original != 0 || reply != 0) {
      w.nested(CTA_FILTER, f -> f.u32(ORIGINAL_FLAGS, original).u32(REPLY_FLAGS, reply));
    }
  }

  private static int addressFlags(Optional<IpPrefix> source, Optional<IpPrefix> destination) {
    return (exact(source).isPresent() ? BY_SOURCE : 0)
        | (exact(destination).isPresent() ? BY_DESTINATION : 0);
  }

  private static int protocolFlags(FlowFilter filter) {
    return (filter.protocol().isPresent() ? BY_PROTOCOL : 0)
        | (filter.sourcePort().isPresent() ? BY_SOURCE_PORT : 0)
        | (filter.destinationPort().isPresent() ? BY_DESTINATION_PORT : 0);
  }

  private static void writeAddresses(
      AttributeWriter w, Optional<IpPrefix> source, Optional<IpPrefix> destination) {
    if (addressFlags(source, destination) == 0) {
      return;
    }
    w.nested(
        FlowCodec.TUPLE_IP,
        ip -> {
          exact(source).ifPresent(p -> FlowCodec.writeAddress(ip, true, p.address()));
          exact(destination).ifPresent(p -> FlowCodec.writeAddress(ip, false, p.address()));
        });
  }

  private static void writeProtocol(AttributeWriter w, FlowFilter filter) {
    if (filter.protocol().isEmpty()) {
      return;
    }
    w.nested(
        FlowCodec.TUPLE_PROTO,
        p -> {
          p.u8(FlowCodec.PROTO_NUMBER, filter.protocol().getAsInt());
          filter.sourcePort().ifPresent(s -> p.u16BigEndian(FlowCodec.PROTO_SRC_PORT, s));
          filter.destinationPort().ifPresent(d -> p.u16BigEndian(FlowCodec.PROTO_DST_PORT, d));
        });
  }

  /**
   * What the kernel may be asked for. Not IPv6 addresses: its comparison of them is inverted
   * (ctnetlink_filter_match_tuple, seen with 6.18), so that it leaves out exactly the flows that
   * match.
   */
  private static Optional<IpPrefix> exact(Optional<IpPrefix> prefix) {
    return prefix.filter(p -> p.isSingleAddress() && p.family() == AddressFamily.INET);
  }
}
