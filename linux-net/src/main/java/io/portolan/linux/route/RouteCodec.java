package io.portolan.linux.route;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.netlink.MalformedMessageException;
import io.portolan.linux.netlink.NetlinkMessage;
import java.net.InetAddress;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Routes as messages (linux/rtnetlink.h).
 *
 * <pre>
 *  struct rtmsg: | u8 family | u8 dst length | u8 src length | u8 tos | u8 table | u8 protocol | u8 scope | u8 type | u32 flags |
 * </pre>
 *
 * Tables above 255 are in RTA_TABLE only; the header then says RT_TABLE_COMPAT.
 */
final class RouteCodec {
  static final int HEADER_BYTES = 12;
  private static final int DST = 1;
  private static final int OIF = 4;
  private static final int GATEWAY = 5;
  private static final int PRIORITY = 6;
  private static final int PREFSRC = 7;
  private static final int METRICS = 8;
  private static final int TABLE = 15;
  private static final int VIA = 18;
  private static final int METRIC_MTU = 2;
  private static final int TABLE_COMPAT = 252;
  private static final int FLAG_ONLINK = 4;

  /** RTM_F_CLONED: an exception (redirect, path MTU), not a route anybody installed. */
  private static final int FLAG_CLONED = 0x200;

  private RouteCodec() {}

  static void write(AttributeWriter w, Route route) {
    int table = Integer.compareUnsigned(route.table(), 0xff) > 0 ? TABLE_COMPAT : route.table();
    w.byteField(route.family().number())
        .byteField(route.destination().length())
        .byteField(0)
        .byteField(0)
        .byteField(table)
        .byteField(route.protocol())
        .byteField(route.scope().value())
        .byteField(route.type().number())
        .intField(route.onlink() ? FLAG_ONLINK : 0);
    w.u32(TABLE, route.table());
    if (route.destination().length() > 0) {
      w.bytes(DST, route.destination().address().getAddress());
    }
    route.gateway().ifPresent(g -> writeGateway(w, route.family(), g));
    route.link().ifPresent(l -> w.u32(OIF, l));
    route.preferredSource().ifPresent(s -> w.bytes(PREFSRC, s.getAddress()));
    if (route.metric() != 0) {
      w.u32(PRIORITY, route.metric());
    }
    route.mtu().ifPresent(m -> w.nested(METRICS, metrics -> metrics.u32(METRIC_MTU, m)));
  }

  /** struct rtvia: { u16 family; address }, for a gateway of the other family. */
  private static void writeGateway(AttributeWriter w, AddressFamily family, InetAddress gateway) {
    if (AddressFamily.of(gateway) == family) {
      w.bytes(GATEWAY, gateway.getAddress());
      return;
    }
    byte[] address = gateway.getAddress();
    byte[] via = new byte[Short.BYTES + address.length];
    int number = AddressFamily.of(gateway).number();
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    via[little ? 0 : 1] = (byte) number;
    System.arraycopy(address, 0, via, Short.BYTES, address.length);
    w.bytes(VIA, via);
  }

  static void writeList(AttributeWriter w, AddressFamily family, RouteFilter filter) {
    w.byteField(family.number())
        .byteField(0)
        .byteField(0)
        .byteField(0)
        .byteField(0)
        .byteField(filter.protocol().orElse(0))
        .byteField(0)
        .byteField(filter.type().map(RouteType::number).orElse(0))
        .intField(0);
    filter.table().ifPresent(t -> w.u32(TABLE, t));
    filter.link().ifPresent(l -> w.u32(OIF, l));
  }

  static void read(NetlinkMessage message, Consumer<Route> found) {
    int family = message.u8(0);
    boolean inet = family == AddressFamily.INET.number();
    if ((!inet && family != AddressFamily.INET6.number()) || (message.u32(8) & FLAG_CLONED) != 0) {
      return;
    }
    RouteType type = RouteType.of(message.u8(7));
    IpPrefix destination = inet ? IpPrefix.ALL_IPV4 : IpPrefix.ALL_IPV6;
    Optional<InetAddress> gateway = Optional.empty();
    OptionalInt link = OptionalInt.empty();
    int table = message.u8(4);
    Optional<InetAddress> source = Optional.empty();
    int metric = 0;
    OptionalInt mtu = OptionalInt.empty();
    AttributeReader attributes = message.attributes(HEADER_BYTES);
    while (attributes.next()) {
      switch (attributes.type()) {
        case DST -> destination = InetBytes.readPrefix(attributes, message.u8(1)).network();
        case GATEWAY -> gateway = Optional.of(InetBytes.read(attributes));
        case VIA -> gateway = Optional.of(readVia(attributes.bytes()));
        case OIF -> link = OptionalInt.of(attributes.u32());
        case PREFSRC -> source = Optional.of(InetBytes.read(attributes));
        case PRIORITY -> metric = attributes.u32();
        case TABLE -> table = attributes.u32();
        case METRICS -> mtu = readMtu(attributes.nested());
        default -> {}
      }
    }
    if (type.isDeadEnd()) {
      // IPv6 reports the loopback, which nobody asked for.
      link = OptionalInt.empty();
    }
    boolean onlink = (message.u32(8) & FLAG_ONLINK) != 0;
    found.accept(
        new Route(
            type,
            destination,
            gateway,
            link,
            table,
            message.u8(5),
            new Scope(message.u8(6)),
            source,
            metric,
            onlink,
            mtu));
  }

  private static InetAddress readVia(byte[] via) {
    if (via.length < Short.BYTES) {
      throw new MalformedMessageException("a gateway of " + via.length + " bytes");
    }
    return InetBytes.address(Arrays.copyOfRange(via, Short.BYTES, via.length));
  }

  private static OptionalInt readMtu(AttributeReader metrics) {
    OptionalInt mtu = OptionalInt.empty();
    while (metrics.next()) {
      if (metrics.type() == METRIC_MTU) {
        mtu = OptionalInt.of(metrics.u32());
      }
    }
    return mtu;
  }
}
