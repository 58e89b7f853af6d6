package io.portolan.policy.reports;

import io.portolan.common.net.IpAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What the headers of a packet say. Pods choose every byte of them.
 *
 * @param protocol IP protocol number, of IPv6 the one behind the extension headers
 * @param sourcePort -1 where there is none, as in later fragments
 * @param port destination port; likewise
 * @param icmpType -1 where there is none
 * @param icmpCode likewise
 * @param bytes length of the whole packet by its header
 */
record LoggedFlow(
    IpAddress source,
    IpAddress destination,
    int protocol,
    int sourcePort,
    int port,
    int icmpType,
    int icmpCode,
    int bytes) {
  private static final int NONE = -1;
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;
  private static final int IPV4_HEADER = 20;
  private static final int IPV6_HEADER = 40;

  // Numbers of the IANA registry of IP protocols.
  private static final int HOP_BY_HOP = 0;
  private static final int ICMP = 1;
  private static final int ICMPV6 = 58;
  private static final int ROUTING = 43;
  private static final int FRAGMENT = 44;
  private static final int AUTHENTICATION = 51;
  private static final int DESTINATION_OPTIONS = 60;

  /** More headers than any honest packet has. */
  private static final int MOST_EXTENSIONS = 8;

  /** The other way round, of a packet that comes back: who it answers first. */
  LoggedFlow reversed() {
    return new LoggedFlow(
        destination, source, protocol, port, sourcePort, icmpType, icmpCode, bytes);
  }

  /**
   * Reads a packet from its network header on.
   *
   * @return empty if it is neither IPv4 nor IPv6, or too short for its addresses
   */
  static Optional<LoggedFlow> read(int etherType, ByteBuffer packet) {
    ByteBuffer in = packet.slice();
    return switch (etherType) {
      case IPV4 -> in.remaining() < IPV4_HEADER ? Optional.empty() : Optional.of(ipv4(in));
      case IPV6 -> in.remaining() < IPV6_HEADER ? Optional.empty() : Optional.of(ipv6(in));
      default -> Optional.empty();
    };
  }

  private static LoggedFlow ipv4(ByteBuffer in) {
    int headerLength = (in.get(0) & 0xf) * 4;
    boolean laterFragment = (in.getShort(6) & 0x1fff) != 0;
    int transport = laterFragment || headerLength < IPV4_HEADER ? Integer.MAX_VALUE : headerLength;
    return of(in, address(in, 12, 4), address(in, 16, 4), u8(in, 9), transport, u16(in, 2));
  }

  private static LoggedFlow ipv6(ByteBuffer in) {
    int protocol = u8(in, 6);
    int at = IPV6_HEADER;
    for (int i = 0; i < MOST_EXTENSIONS && at + 8 <= in.limit(); i++) {
      boolean laterFragment = protocol == FRAGMENT && (u16(in, at + 2) & 0xfff8) != 0;
      int length =
          switch (protocol) {
            case HOP_BY_HOP, ROUTING, DESTINATION_OPTIONS -> 8 + 8 * u8(in, at + 1);
            case FRAGMENT -> 8;
            case AUTHENTICATION -> 8 + 4 * u8(in, at + 1);
            default -> 0;
          };
      if (length == 0) {
        break;
      }
      protocol = u8(in, at);
      at = laterFragment ? in.limit() : at + length;
    }
    return of(in, address(in, 8, 16), address(in, 24, 16), protocol, at, IPV6_HEADER + u16(in, 4));
  }

  private static LoggedFlow of(
      ByteBuffer in,
      IpAddress source,
      IpAddress destination,
      int protocol,
      int transport,
      int bytes) {
    boolean isIcmp = protocol == (source.isIpv4() ? ICMP : ICMPV6);
    boolean hasPorts =
        switch (protocol) {
          // TCP, UDP, DCCP, SCTP, UDP-Lite.
          case 6, 17, 33, 132, 136 -> true;
          default -> false;
        };
    int readable = in.limit() - transport;
    return new LoggedFlow(
        source,
        destination,
        protocol,
        hasPorts && readable >= 4 ? u16(in, transport) : NONE,
        hasPorts && readable >= 4 ? u16(in, transport + 2) : NONE,
        isIcmp && readable >= 2 ? u8(in, transport) : NONE,
        isIcmp && readable >= 2 ? u8(in, transport + 1) : NONE,
        bytes);
  }

  private static IpAddress address(ByteBuffer in, int at, int length) {
    byte[] bytes = new byte[length];
    in.get(at, bytes);
    return IpAddress.of(bytes);
  }

  private static int u8(ByteBuffer in, int at) {
    return in.get(at) & 0xff;
  }

  private static int u16(ByteBuffer in, int at) {
    return in.getShort(at) & 0xffff;
  }
}
