package io.portolan.linux.packet;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * A small packet that is known again by a mark in its last eight bytes.
 *
 * @param source of the family of {@code destination}
 * @param hopLimit 1 to 255; time to live of IPv4
 * @param mark anything that no other packet ends with
 */
public record IpPacket(
    InetAddress source, InetAddress destination, Segment segment, int hopLimit, long mark) {
  /** No packet of ours is longer. */
  static final int MAX_BYTES = 128;

  private static final int HEADER_V4 = 20;
  private static final int HEADER_V6 = 40;
  private static final int HOP_LIMIT = 64;

  public IpPacket {
    if (source instanceof Inet4Address != destination instanceof Inet4Address) {
      throw new IllegalArgumentException(
          "a packet has one family: " + source + " to " + destination);
    }
  }

  public IpPacket(InetAddress source, InetAddress destination, Segment segment, long mark) {
    this(source, destination, segment, HOP_LIMIT, mark);
  }

  public boolean isIpv4() {
    return source instanceof Inet4Address;
  }

  /** Appends the packet, from its IP header on. */
  void write(ByteBuffer out) {
    int start = out.position();
    int header = isIpv4() ? HEADER_V4 : HEADER_V6;
    out.position(start + header);
    byte[] from = source.getAddress();
    byte[] to = destination.getAddress();
    int addresses = start + header - from.length - to.length;
    out.put(addresses, from).put(addresses + from.length, to);
    Segment.write(segment, mark, Checksum.sum(out, addresses, start + header), out);
    int length = out.position() - start;
    if (isIpv4()) {
      out.putShort(start, (short) 0x4500).putShort(start + 2, (short) length);
      out.putInt(start + 4, 0);
      out.put(start + 8, (byte) hopLimit).put(start + 9, (byte) segment.protocol());
      out.putShort(start + 10, (short) 0);
      out.putShort(start + 10, Checksum.of(out, start, start + header, 0));
    } else {
      out.putInt(start, 0x6000_0000).putShort(start + 4, (short) (length - header));
      out.put(start + 6, (byte) segment.protocol()).put(start + 7, (byte) hopLimit);
    }
  }

  /**
   * The mark of a received packet, which may be somebody else's and mean nothing; empty if it is
   * too short for one.
   *
   * @param packet from its IP header on; bytes behind its end are passed over
   */
  static OptionalLong mark(ByteBuffer packet) {
    int start = packet.position();
    if (packet.remaining() < HEADER_V4) {
      return OptionalLong.empty();
    }
    int end =
        start
            + switch (packet.get(start) >>> 4 & 0xf) {
              case 4 -> packet.getShort(start + 2) & 0xffff;
              case 6 -> HEADER_V6 + (packet.getShort(start + 4) & 0xffff);
              default -> 0;
            };
    return end > packet.limit() || end < start + HEADER_V4 + Long.BYTES
        ? OptionalLong.empty()
        : OptionalLong.of(packet.getLong(end - Long.BYTES));
  }

  /** Of a received packet, from its IP header on. */
  static int hopLimit(ByteBuffer packet) {
    int start = packet.position();
    return packet.get(start + ((packet.get(start) >>> 4 & 0xf) == 4 ? 8 : 7)) & 0xff;
  }
}
