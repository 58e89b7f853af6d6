package io.portolan.linux.conntrack;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.netlink.MalformedMessageException;
import io.portolan.linux.netlink.NetlinkMessage;
import io.portolan.linux.route.AddressFamily;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Flows as messages (linux/netfilter/nfnetlink_conntrack.h). Numbers in attributes are big endian.
 *
 * <pre>
 *  struct nfgenmsg: | u8 family | u8 version 0 | be16 resource |
 *  CTA_TUPLE_ORIG, CTA_TUPLE_REPLY: { CTA_TUPLE_IP: { src, dst }, CTA_TUPLE_PROTO: { number, ports or icmp }, zone }
 * </pre>
 */
final class FlowCodec {
  static final int HEADER_BYTES = 4;
  static final int TUPLE_ORIGINAL = 1;
  static final int TUPLE_REPLY = 2;
  static final int STATUS = 3;
  static final int TIMEOUT = 7;
  static final int MARK = 8;
  private static final int ID = 12;
  private static final int ZONE = 18;
  static final int MARK_MASK = 21;
  static final int LABELS = 22;
  static final int LABELS_MASK = 23;

  private static final int STATS_ENTRIES = 1;

  static final int TUPLE_IP = 1;
  static final int TUPLE_PROTO = 2;
  private static final int TUPLE_ZONE = 3;
  static final int IP_V4_SRC = 1;
  private static final int IP_V4_DST = 2;
  static final int IP_V6_SRC = 3;
  private static final int IP_V6_DST = 4;
  static final int PROTO_NUMBER = 1;
  static final int PROTO_SRC_PORT = 2;
  static final int PROTO_DST_PORT = 3;
  private static final int ICMP_ID = 4;
  private static final int ICMP_TYPE = 5;
  private static final int ICMP_CODE = 6;
  private static final int ICMPV6_ID = 7;
  private static final int ICMPV6_TYPE = 8;
  private static final int ICMPV6_CODE = 9;

  private FlowCodec() {}

  static AttributeWriter writeHeader(AttributeWriter w, int family) {
    return w.byteField(family).byteField(0).shortField(0);
  }

  /** Names one flow: its original direction and zone. */
  static void writeKey(AttributeWriter w, Flow flow) {
    writeHeader(w, flow.family().number());
    w.nested(TUPLE_ORIGINAL, t -> writeTuple(t, flow.original()));
    if (flow.zone() != 0) {
      w.u16BigEndian(ZONE, flow.zone());
    }
  }

  /**
   * As {@link #writeKey}, and none but this very flow: a successor with the same addresses has
   * another id.
   */
  static void writeIdentity(AttributeWriter w, Flow flow) {
    writeKey(w, flow);
    w.u32BigEndian(ID, flow.id());
  }

  static void writeTuple(AttributeWriter w, FlowTuple tuple) {
    w.nested(
        TUPLE_IP,
        ip -> {
          writeAddress(ip, true, tuple.source());
          writeAddress(ip, false, tuple.destination());
        });
    boolean v6 = AddressFamily.of(tuple.source()) == AddressFamily.INET6;
    w.nested(
        TUPLE_PROTO,
        p -> {
          p.u8(PROTO_NUMBER, tuple.protocol());
          tuple
              .icmp()
              .ifPresentOrElse(
                  i ->
                      p.u16BigEndian(v6 ? ICMPV6_ID : ICMP_ID, i.id())
                          .u8(v6 ? ICMPV6_TYPE : ICMP_TYPE, i.type())
                          .u8(v6 ? ICMPV6_CODE : ICMP_CODE, i.code()),
                  () ->
                      p.u16BigEndian(PROTO_SRC_PORT, tuple.sourcePort())
                          .u16BigEndian(PROTO_DST_PORT, tuple.destinationPort()));
        });
    tuple.zone().ifPresent(z -> w.u16BigEndian(TUPLE_ZONE, z));
  }

  static void writeAddress(AttributeWriter w, boolean source, InetAddress address) {
    boolean v4 = AddressFamily.of(address) == AddressFamily.INET;
    int type = v4 ? (source ? IP_V4_SRC : IP_V4_DST) : (source ? IP_V6_SRC : IP_V6_DST);
    w.bytes(type, address.getAddress());
  }

  /** The bitmap is an array of unsigned longs of the machine. */
  static byte[] labelBytes(FlowLabels labels) {
    return ByteBuffer.allocate(FlowLabels.BYTES)
        .order(ByteOrder.nativeOrder())
        .putLong(labels.low())
        .putLong(labels.high())
        .array();
  }

  /** CTA_STATS_GLOBAL_ENTRIES; of the namespace in spite of its name. */
  static void readCount(NetlinkMessage message, Consumer<Integer> found) {
    AttributeReader attributes = message.attributes(HEADER_BYTES);
    while (attributes.next()) {
      if (attributes.type() == STATS_ENTRIES) {
        found.accept(attributes.u32BigEndian());
      }
    }
  }

  static void read(NetlinkMessage message, Consumer<Flow> found) {
    int family = message.u8(0);
    if (family != AddressFamily.INET.number() && family != AddressFamily.INET6.number()) {
      return;
    }
    @Nullable FlowTuple original = null;
    @Nullable FlowTuple reply = null;
    int zone = 0;
    int mark = 0;
    int status = 0;
    int id = 0;
    long timeout = 0;
    FlowLabels labels = FlowLabels.NONE;
    AttributeReader attributes = message.attributes(HEADER_BYTES);
    while (attributes.next()) {
      switch (attributes.type()) {
        case TUPLE_ORIGINAL -> original = readTuple(attributes.nested());
        case TUPLE_REPLY -> reply = readTuple(attributes.nested());
        case STATUS -> status = attributes.u32BigEndian();
        case TIMEOUT -> timeout = Integer.toUnsignedLong(attributes.u32BigEndian());
        case MARK -> mark = attributes.u32BigEndian();
        case ID -> id = attributes.u32BigEndian();
        case ZONE -> zone = attributes.u16BigEndian();
        case LABELS -> labels = readLabels(attributes.bytes());
        default -> {}
      }
    }
    if (original == null || reply == null) {
      throw new MalformedMessageException("a flow without both of its directions");
    }
    found.accept(new Flow(original, reply, zone, mark, labels, status, timeout, id));
  }

  private static FlowTuple readTuple(AttributeReader tuple) {
    @Nullable InetAddress source = null;
    @Nullable InetAddress destination = null;
    Layer4 layer4 = Layer4.NONE;
    OptionalInt zone = OptionalInt.empty();
    while (tuple.next()) {
      switch (tuple.type()) {
        case TUPLE_IP -> {
          AttributeReader ip = tuple.nested();
          while (ip.next()) {
            switch (ip.type()) {
              case IP_V4_SRC, IP_V6_SRC -> source = address(ip.bytes());
              case IP_V4_DST, IP_V6_DST -> destination = address(ip.bytes());
              default -> {}
            }
          }
        }
        case TUPLE_PROTO -> layer4 = Layer4.read(tuple.nested());
        case TUPLE_ZONE -> zone = OptionalInt.of(tuple.u16BigEndian());
        default -> {}
      }
    }
    if (source == null || destination == null) {
      throw new MalformedMessageException("a flow direction without both addresses");
    }
    return new FlowTuple(
        source,
        destination,
        layer4.protocol,
        layer4.sourcePort,
        layer4.destinationPort,
        layer4.icmp,
        zone);
  }

  private record Layer4(
      int protocol, int sourcePort, int destinationPort, Optional<FlowTuple.Icmp> icmp) {
    static final Layer4 NONE = new Layer4(0, 0, 0, Optional.empty());

    static Layer4 read(AttributeReader layer4) {
      int protocol = 0;
      int sourcePort = 0;
      int destinationPort = 0;
      boolean icmp = false;
      int id = 0;
      int type = 0;
      int code = 0;
      while (layer4.next()) {
        switch (layer4.type()) {
          case PROTO_NUMBER -> protocol = layer4.u8();
          case PROTO_SRC_PORT -> sourcePort = layer4.u16BigEndian();
          case PROTO_DST_PORT -> destinationPort = layer4.u16BigEndian();
          case ICMP_ID, ICMPV6_ID -> {
            icmp = true;
            id = layer4.u16BigEndian();
          }
          case ICMP_TYPE, ICMPV6_TYPE -> type = layer4.u8();
          case ICMP_CODE, ICMPV6_CODE -> code = layer4.u8();
          default -> {}
        }
      }
      return new Layer4(
          protocol,
          sourcePort,
          destinationPort,
          icmp ? Optional.of(new FlowTuple.Icmp(id, type, code)) : Optional.empty());
    }
  }

  private static FlowLabels readLabels(byte[] bytes) {
    if (bytes.length != FlowLabels.BYTES) {
      throw new MalformedMessageException(
          "labels of " + bytes.length + " bytes where 16 are needed");
    }
    ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    return new FlowLabels(words.getLong(), words.getLong());
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return bytes.length == AddressFamily.INET6.addressBytes()
          ? Inet6Address.getByAddress(null, bytes, -1)
          : InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new MalformedMessageException("an IP address has 4 or 16 bytes, not " + bytes.length);
    }
  }
}
