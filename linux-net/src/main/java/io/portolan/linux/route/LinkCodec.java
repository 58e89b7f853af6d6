package io.portolan.linux.route;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.netlink.NetlinkMessage;
import io.portolan.linux.netns.NetworkNamespace;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Links as messages (linux/if_link.h).
 *
 * <pre>
 *  struct ifinfomsg: | u8 family | u8 pad | u16 device type | s32 index | u32 flags | u32 mask of flags to change |
 * </pre>
 */
final class LinkCodec {
  static final int HEADER_BYTES = 16;
  static final int ADDRESS = 1;
  static final int IFNAME = 3;
  static final int MTU = 4;
  static final int LINK = 5;
  static final int MASTER = 10;
  static final int OPERSTATE = 16;
  static final int LINKINFO = 18;
  static final int IFALIAS = 20;
  static final int GROUP = 27;
  static final int NET_NS_FD = 28;
  static final int EXT_MASK = 29;
  static final int NUM_TX_QUEUES = 31;
  static final int NUM_RX_QUEUES = 32;
  static final int LINK_NETNSID = 37;
  private static final int INFO_KIND = 1;
  private static final int INFO_DATA = 2;

  /** RTEXT_FILTER_SKIP_STATS: counters are most of an answer and nobody here reads them. */
  private static final int SKIP_STATISTICS = 1 << 3;

  private LinkCodec() {}

  static void writeHeader(AttributeWriter w, int index, int flags, int mask) {
    w.intField(0).intField(index).intField(flags).intField(mask);
  }

  static void writeNew(AttributeWriter w, NewLink link) {
    link.requireHeeded();
    writeHeader(
        w, link.index().orElse(0), link.up() ? Link.IFF_UP : 0, link.up() ? Link.IFF_UP : 0);
    w.string(IFNAME, link.name());
    link.mac().ifPresent(m -> w.bytes(ADDRESS, m.bytes()));
    link.mtu().ifPresent(m -> w.u32(MTU, m));
    link.group().ifPresent(g -> w.u32(GROUP, g));
    writeQueues(w, link.queues());
    w.nested(
        LINKINFO,
        info -> {
          info.string(INFO_KIND, link.kind().word());
          info.nested(INFO_DATA, data -> LinkKindCodec.write(data, link.kind()));
        });
  }

  static void writeQueues(AttributeWriter w, OptionalInt queues) {
    queues.ifPresent(q -> w.u32(NUM_TX_QUEUES, q).u32(NUM_RX_QUEUES, q));
  }

  static void writeChange(AttributeWriter w, LinkRef ref, LinkChange change) {
    int mask = change.up().isPresent() ? Link.IFF_UP : 0;
    int flags = change.up().orElse(false) ? Link.IFF_UP : 0;
    switch (ref) {
      case LinkRef.Index(int index) -> {
        writeHeader(w, index, flags, mask);
        change.name().ifPresent(n -> w.string(IFNAME, n));
      }
      case LinkRef.Name(String name) -> {
        if (change.name().isPresent()) {
          // By name the request has one name attribute only, and that says which link.
          throw new IllegalArgumentException("name: rename " + name + " by its index");
        }
        writeHeader(w, 0, flags, mask);
        w.string(IFNAME, name);
      }
    }
    change.mac().ifPresent(m -> w.bytes(ADDRESS, m.bytes()));
    change.mtu().ifPresent(m -> w.u32(MTU, m));
    change.group().ifPresent(g -> w.u32(GROUP, g));
    change.alias().ifPresent(a -> w.string(IFALIAS, a));
    change.master().ifPresent(m -> w.u32(MASTER, m));
    change.namespace().map(NetworkNamespace::descriptor).ifPresent(fd -> w.u32(NET_NS_FD, fd));
  }

  static void writeRef(AttributeWriter w, LinkRef ref) {
    switch (ref) {
      case LinkRef.Index(int index) -> writeHeader(w, index, 0, 0);
      case LinkRef.Name(String name) -> {
        writeHeader(w, 0, 0, 0);
        w.string(IFNAME, name);
      }
    }
  }

  static void writeGet(AttributeWriter w, LinkRef ref) {
    writeRef(w, ref);
    w.u32(EXT_MASK, SKIP_STATISTICS);
  }

  static void writeList(AttributeWriter w) {
    writeHeader(w, 0, 0, 0);
    w.u32(EXT_MASK, SKIP_STATISTICS);
  }

  static void writeGroup(AttributeWriter w, int group) {
    writeHeader(w, 0, 0, 0);
    w.u32(GROUP, group);
  }

  static Link read(NetlinkMessage message) {
    int index = message.u32(4);
    int flags = message.u32(8);
    String name = "";
    OperationalState state = OperationalState.UNKNOWN;
    int mtu = 0;
    int group = 0;
    String alias = "";
    Optional<MacAddress> mac = Optional.empty();
    OptionalInt master = OptionalInt.empty();
    OptionalInt peer = OptionalInt.empty();
    OptionalInt peerNamespace = OptionalInt.empty();
    KindInfo info = KindInfo.NONE;
    AttributeReader attributes = message.attributes(HEADER_BYTES);
    while (attributes.next()) {
      switch (attributes.type()) {
        case IFNAME -> name = attributes.string();
        case ADDRESS ->
            mac =
                attributes.length() == MacAddress.BYTES
                    ? Optional.of(MacAddress.of(attributes.bytes()))
                    : Optional.empty();
        case MTU -> mtu = attributes.u32();
        case LINK ->
            peer = attributes.u32() == 0 ? OptionalInt.empty() : OptionalInt.of(attributes.u32());
        case MASTER -> master = OptionalInt.of(attributes.u32());
        case OPERSTATE -> state = OperationalState.of(attributes.u8());
        case GROUP -> group = attributes.u32();
        case IFALIAS -> alias = attributes.string();
        case LINK_NETNSID -> peerNamespace = OptionalInt.of(attributes.u32());
        case LINKINFO -> info = readInfo(attributes.nested());
        default -> {}
      }
    }
    return new Link(
        index,
        name,
        flags,
        state,
        mtu,
        mac,
        group,
        alias,
        master,
        peer,
        peerNamespace,
        info.kind,
        info.configuration);
  }

  private record KindInfo(String kind, Optional<LinkKind> configuration) {
    static final KindInfo NONE = new KindInfo("", Optional.empty());
  }

  private static KindInfo readInfo(AttributeReader info) {
    String kind = "";
    Optional<LinkKind> configuration = Optional.empty();
    while (info.next()) {
      switch (info.type()) {
        case INFO_KIND -> kind = info.string();
        case INFO_DATA -> configuration = LinkKindCodec.read(kind, info.nested());
        default -> {}
      }
    }
    return new KindInfo(kind, configuration);
  }
}
