package io.portolan.linux.route;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.netlink.MalformedMessageException;
import io.portolan.linux.netlink.NetlinkMessage;
import java.net.InetAddress;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Addresses as messages (linux/if_addr.h).
 *
 * <pre>
 *  struct ifaddrmsg: | u8 family | u8 prefix length | u8 flags | u8 scope | u32 link index |
 * </pre>
 *
 * IFA_LOCAL is the own address; IFA_ADDRESS is the peer's, or the own one again if there is no
 * peer. IPv6 leaves IFA_LOCAL out without a peer.
 */
final class AddressCodec {
  static final int HEADER_BYTES = 8;
  private static final int ADDRESS = 1;
  private static final int LOCAL = 2;
  private static final int BROADCAST = 4;
  private static final int FLAGS = 8;
  private static final int TARGET_NETNSID = 10;

  private AddressCodec() {}

  static void write(AttributeWriter w, Address address) {
    InetAddress local = address.prefix().address();
    int flags = AddressFlag.bits(address.flags());
    w.byteField(address.prefix().family().number())
        .byteField(address.prefix().length())
        .byteField(flags)
        .byteField(address.scope().value())
        .intField(address.link());
    w.bytes(LOCAL, local.getAddress()).bytes(ADDRESS, address.peer().orElse(local).getAddress());
    address.broadcast().ifPresent(b -> w.bytes(BROADCAST, b.getAddress()));
    if (flags > 0xff) {
      w.u32(FLAGS, flags);
    }
  }

  static void writeList(AttributeWriter w, int link) {
    w.intField(0).intField(link);
  }

  static void writeListIn(AttributeWriter w, int namespace) {
    writeList(w, 0);
    w.u32(TARGET_NETNSID, namespace);
  }

  static void read(NetlinkMessage message, Consumer<Address> found) {
    int family = message.u8(0);
    if (family != AddressFamily.INET.number() && family != AddressFamily.INET6.number()) {
      return;
    }
    int flags = message.u8(2);
    @Nullable IpPrefix own = null;
    @Nullable IpPrefix other = null;
    Optional<InetAddress> broadcast = Optional.empty();
    AttributeReader attributes = message.attributes(HEADER_BYTES);
    while (attributes.next()) {
      switch (attributes.type()) {
        case LOCAL -> own = InetBytes.readPrefix(attributes, message.u8(1));
        case ADDRESS -> other = InetBytes.readPrefix(attributes, message.u8(1));
        case BROADCAST -> broadcast = Optional.of(InetBytes.read(attributes));
        case FLAGS -> flags = attributes.u32();
        default -> {}
      }
    }
    IpPrefix prefix = own == null ? other : own;
    if (prefix == null) {
      throw new MalformedMessageException("an address message carries no address");
    }
    Optional<InetAddress> peer =
        other == null || other.equals(prefix) ? Optional.empty() : Optional.of(other.address());
    found.accept(
        new Address(
            message.u32(4),
            prefix,
            peer,
            new Scope(message.u8(3)),
            broadcast,
            AddressFlag.of(flags)));
  }
}
