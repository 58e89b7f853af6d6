package io.portolan.linux.route;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.netlink.NetlinkMessage;
import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * Neighbours and forwarding entries as messages (linux/neighbour.h).
 *
 * <pre>
 *  struct ndmsg: | u8 family | u8 pad | u16 pad | s32 link index | u16 state | u8 flags | u8 type |
 * </pre>
 */
final class NeighborCodec {
  static final int HEADER_BYTES = 12;
  static final int AF_BRIDGE = 7;
  private static final int DST = 1;
  private static final int LLADDR = 2;
  private static final int IFINDEX = 8;
  private static final int FLAG_SELF = 0x02;
  private static final int FLAG_MASTER = 0x04;
  private static final int FLAG_PROXY = 0x08;

  private NeighborCodec() {}

  static void write(AttributeWriter w, Neighbor neighbor) {
    header(
        w,
        AddressFamily.of(neighbor.address()).number(),
        neighbor.link(),
        neighbor.state().bit(),
        neighbor.proxy() ? FLAG_PROXY : 0);
    w.bytes(DST, neighbor.address().getAddress());
    neighbor.mac().ifPresent(m -> w.bytes(LLADDR, m.bytes()));
  }

  static void write(AttributeWriter w, FdbEntry entry) {
    header(w, AF_BRIDGE, entry.link(), entry.state().bit(), entry.self() ? FLAG_SELF : FLAG_MASTER);
    w.bytes(LLADDR, entry.mac().bytes());
    entry.destination().ifPresent(d -> w.bytes(DST, d.getAddress()));
  }

  static void writeList(
      AttributeWriter w, AddressFamily family, OptionalInt link, boolean proxies) {
    header(w, family.number(), 0, 0, proxies ? FLAG_PROXY : 0);
    link.ifPresent(l -> w.u32(IFINDEX, l));
  }

  static void writeFdbList(AttributeWriter w, int link) {
    header(w, AF_BRIDGE, 0, 0, 0);
    w.u32(IFINDEX, link);
  }

  private static void header(AttributeWriter w, int family, int link, int state, int flags) {
    w.byteField(family)
        .byteField(0)
        .shortField(0)
        .intField(link)
        .shortField(state)
        .byteField(flags)
        .byteField(0);
  }

  static void read(NetlinkMessage message, Consumer<Neighbor> found) {
    int family = message.u8(0);
    if (family != AddressFamily.INET.number() && family != AddressFamily.INET6.number()) {
      return;
    }
    Optional<InetAddress> address = Optional.empty();
    Optional<MacAddress> mac = Optional.empty();
    AttributeReader attributes = message.attributes(HEADER_BYTES);
    while (attributes.next()) {
      switch (attributes.type()) {
        case DST -> address = Optional.of(InetBytes.read(attributes));
        case LLADDR -> mac = readMac(attributes);
        default -> {}
      }
    }
    boolean proxy = (message.u8(10) & FLAG_PROXY) != 0;
    NeighborState state = proxy ? NeighborState.NONE : NeighborState.of(message.u16(8));
    Optional<MacAddress> known = mac;
    address.ifPresent(a -> found.accept(new Neighbor(message.u32(4), a, known, state, proxy)));
  }

  static void readFdb(NetlinkMessage message, Consumer<FdbEntry> found) {
    if (message.u8(0) != AF_BRIDGE) {
      return;
    }
    Optional<InetAddress> destination = Optional.empty();
    Optional<MacAddress> mac = Optional.empty();
    AttributeReader attributes = message.attributes(HEADER_BYTES);
    while (attributes.next()) {
      switch (attributes.type()) {
        case DST -> destination = Optional.of(InetBytes.read(attributes));
        case LLADDR -> mac = readMac(attributes);
        default -> {}
      }
    }
    Optional<InetAddress> endpoint = destination;
    mac.ifPresent(m ->
        found.accept(
            new FdbEntry(
                message.u32(4),
                m,
                endpoint,
                NeighborState.of(message.u16(8)),
                (message.u8(10) & FLAG_SELF) != 0)));
  }

  /** Empty for link layers whose addresses are not Ethernet's. */
  private static Optional<MacAddress> readMac(AttributeReader attribute) {
    return attribute.length() == MacAddress.BYTES
        ? Optional.of(MacAddress.of(attribute.bytes()))
        : Optional.empty();
  }
}
