package io.portolan.linux.conntrack;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.netlink.NetlinkMessage;
import io.portolan.linux.route.AddressFamily;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Addresses that flows may have at an end: as who began it, or as who answers. Whom it meant to
 * reach is one of these, too, or has no part in it (destination NAT).
 *
 * <p>Told from a flow's message without decoding it, as nearly all flows of a full table are of
 * others.
 */
final class FlowEnds {
  /** As a message of this machine's order reads them; ascending. */
  private final int[] ipv4;

  private final Set<ByteBuffer> ipv6;

  FlowEnds(Collection<InetAddress> addresses) {
    ipv4 =
        addresses.stream()
            .map(InetAddress::getAddress)
            .filter(bytes -> bytes.length == Integer.BYTES)
            .mapToInt(bytes -> ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt())
            .sorted()
            .toArray();
    ipv6 =
        addresses.stream()
            .map(InetAddress::getAddress)
            .filter(bytes -> bytes.length != Integer.BYTES)
            .map(ByteBuffer::wrap)
            .collect(Collectors.toUnmodifiableSet());
  }

  /** The one family all addresses are of; empty if they are of both. */
  Optional<AddressFamily> family() {
    if (ipv4.length > 0 && !ipv6.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(ipv6.isEmpty() ? AddressFamily.INET : AddressFamily.INET6);
  }

  /** Whether the flow in a message has one of the addresses at an end. */
  boolean has(NetlinkMessage message) {
    AttributeReader attributes = message.attributes(FlowCodec.HEADER_BYTES);
    // The kernel writes the two directions before all else.
    for (int directions = 0; directions < 2 && attributes.next(); ) {
      int type = attributes.type();
      if (type == FlowCodec.TUPLE_ORIGINAL || type == FlowCodec.TUPLE_REPLY) {
        directions++;
        if (isSource(attributes.nested())) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean isSource(AttributeReader tuple) {
    while (tuple.next()) {
      if (tuple.type() == FlowCodec.TUPLE_IP) {
        AttributeReader ip = tuple.nested();
        while (ip.next()) {
          switch (ip.type()) {
            case FlowCodec.IP_V4_SRC -> {
              return Arrays.binarySearch(ipv4, ip.u32()) >= 0;
            }
            case FlowCodec.IP_V6_SRC -> {
              return !ipv6.isEmpty() && ipv6.contains(ByteBuffer.wrap(ip.bytes()));
            }
            default -> {}
          }
        }
      }
    }
    return false;
  }
}
