package io.portolan.linux.route;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.netns.NetworkNamespace;
import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;

/** IFLA_INFO_DATA of each kind (linux/if_link.h, veth.h, if_tunnel.h). */
final class LinkKindCodec {
  private static final int VETH_INFO_PEER = 1;
  private static final int VXLAN_ID = 1;
  private static final int VXLAN_LINK = 3;
  private static final int VXLAN_LOCAL = 4;
  private static final int VXLAN_LEARNING = 7;
  private static final int VXLAN_PORT = 15;
  private static final int VXLAN_LOCAL6 = 17;
  private static final int IPTUN_LINK = 1;
  private static final int IPTUN_LOCAL = 2;
  private static final int IPTUN_REMOTE = 3;

  private LinkKindCodec() {}

  static void write(AttributeWriter w, LinkKind kind) {
    switch (kind) {
      case LinkKind.Veth(VethPeer peer) -> w.nested(VETH_INFO_PEER, p -> writePeer(p, peer));
      case LinkKind.Vxlan vxlan -> writeVxlan(w, vxlan);
      case LinkKind.IpIp tunnel -> {
        tunnel.device().ifPresent(d -> w.u32(IPTUN_LINK, d));
        tunnel.local().ifPresent(a -> w.bytes(IPTUN_LOCAL, a.getAddress()));
        tunnel.remote().ifPresent(a -> w.bytes(IPTUN_REMOTE, a.getAddress()));
      }
      case LinkKind.Bridge() -> {}
    }
  }

  private static void writePeer(AttributeWriter w, VethPeer peer) {
    LinkCodec.writeHeader(w, peer.index().orElse(0), 0, 0);
    w.string(LinkCodec.IFNAME, peer.name());
    peer.mac().ifPresent(m -> w.bytes(LinkCodec.ADDRESS, m.bytes()));
    peer.mtu().ifPresent(m -> w.u32(LinkCodec.MTU, m));
    peer.group().ifPresent(g -> w.u32(LinkCodec.GROUP, g));
    LinkCodec.writeQueues(w, peer.queues());
    peer.namespace()
        .map(NetworkNamespace::descriptor)
        .ifPresent(fd -> w.u32(LinkCodec.NET_NS_FD, fd));
  }

  private static void writeVxlan(AttributeWriter w, LinkKind.Vxlan vxlan) {
    w.u32(VXLAN_ID, vxlan.id());
    vxlan.device().ifPresent(d -> w.u32(VXLAN_LINK, d));
    vxlan
        .local()
        .ifPresent(a ->
            w.bytes(
                AddressFamily.of(a) == AddressFamily.INET ? VXLAN_LOCAL : VXLAN_LOCAL6,
                a.getAddress()));
    w.u8(VXLAN_LEARNING, vxlan.learning() ? 1 : 0);
    w.u16BigEndian(VXLAN_PORT, vxlan.port());
  }

  /** The settings in IFLA_INFO_DATA; empty for kinds that cannot be read back whole. */
  static Optional<LinkKind> read(String kind, AttributeReader data) {
    return switch (kind) {
      case "vxlan" -> readVxlan(data);
      case "ipip" -> Optional.of(readIpIp(data));
      case "bridge" -> Optional.of(new LinkKind.Bridge());
      default -> Optional.empty();
    };
  }

  /** Empty for a VXLAN device in metadata mode, which has no port or an identifier of its own. */
  private static Optional<LinkKind> readVxlan(AttributeReader data) {
    int id = 0;
    int port = 0;
    Optional<InetAddress> local = Optional.empty();
    OptionalInt device = OptionalInt.empty();
    boolean learning = false;
    while (data.next()) {
      switch (data.type()) {
        case VXLAN_ID -> id = data.u32() & 0xff_ffff;
        case VXLAN_LINK -> device = nonZero(data.u32());
        case VXLAN_LOCAL, VXLAN_LOCAL6 ->
            local = Optional.of(InetBytes.read(data)).filter(a -> !a.isAnyLocalAddress());
        case VXLAN_LEARNING -> learning = data.u8() != 0;
        case VXLAN_PORT -> port = data.u16BigEndian();
        default -> {}
      }
    }
    return port == 0
        ? Optional.empty()
        : Optional.of(new LinkKind.Vxlan(id, port, local, device, learning));
  }

  private static LinkKind readIpIp(AttributeReader data) {
    Optional<InetAddress> local = Optional.empty();
    Optional<InetAddress> remote = Optional.empty();
    OptionalInt device = OptionalInt.empty();
    while (data.next()) {
      switch (data.type()) {
        case IPTUN_LINK -> device = nonZero(data.u32());
        case IPTUN_LOCAL ->
            local = Optional.of(InetBytes.read(data)).filter(a -> !a.isAnyLocalAddress());
        case IPTUN_REMOTE ->
            remote = Optional.of(InetBytes.read(data)).filter(a -> !a.isAnyLocalAddress());
        default -> {}
      }
    }
    return new LinkKind.IpIp(local, remote, device);
  }

  private static OptionalInt nonZero(int value) {
    return value == 0 ? OptionalInt.empty() : OptionalInt.of(value);
  }
}
