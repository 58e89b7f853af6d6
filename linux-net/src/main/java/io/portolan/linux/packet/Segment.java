package io.portolan.linux.packet;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What an IP packet carries to begin a connection: enough of each protocol for connection tracking
 * to know it. Numbers are IANA's; ports are 0 to 65535.
 */
public sealed interface Segment {
  int ICMP = 1;
  int TCP = 6;
  int UDP = 17;
  int ICMPV6 = 58;
  int SCTP = 132;

  /** IANA's number. */
  int protocol();

  /** A connection's first segment. */
  record TcpSyn(int sourcePort, int destinationPort) implements Segment {
    @Override
    public int protocol() {
      return TCP;
    }
  }

  record Udp(int sourcePort, int destinationPort) implements Segment {
    @Override
    public int protocol() {
      return UDP;
    }
  }

  /** An association's first chunk (RFC 9260). */
  record SctpInit(int sourcePort, int destinationPort) implements Segment {
    @Override
    public int protocol() {
      return SCTP;
    }
  }

  /**
   * A message of ICMP, or of ICMPv6.
   *
   * @param identifier of those that have one, such as an echo request; tells connections apart
   */
  record Icmp(boolean v6, int type, int code, int identifier) implements Segment {
    @Override
    public int protocol() {
      return v6 ? ICMPV6 : ICMP;
    }
  }

  /** Zeros in place of a protocol's header. */
  record Other(int protocol) implements Segment {}

  /**
   * Writes header and mark; they end where the packet does.
   *
   * @param pseudoSum sum of the pseudo header but for protocol and length
   */
  static void write(Segment segment, long mark, int pseudoSum, ByteBuffer out) {
    int start = out.position();
    switch (segment) {
      case TcpSyn(int source, int destination) -> {
        out.putShort((short) source).putShort((short) destination);
        // Sequence and acknowledgement number, five words of header, SYN, window.
        out.putInt((int) mark).putInt(0).putShort((short) 0x5002).putShort((short) 0xffff);
        out.putShort((short) 0).putShort((short) 0).putLong(mark);
        checksum(out, start, 16, pseudo(pseudoSum, TCP, out.position() - start));
      }
      case Udp(int source, int destination) -> {
        out.putShort((short) source).putShort((short) destination);
        out.putShort((short) (8 + Long.BYTES)).putShort((short) 0).putLong(mark);
        checksum(out, start, 6, pseudo(pseudoSum, UDP, out.position() - start));
        if (out.getShort(start + 6) == 0) {
          // Zero says that there is none.
          out.putShort(start + 6, (short) 0xffff);
        }
      }
      case SctpInit(int source, int destination) -> {
        out.putShort((short) source).putShort((short) destination).putInt(0).putInt(0);
        // INIT of 20 bytes and a parameter that a receiver may skip (RFC 9260, 3.2.1).
        out.put((byte) 1).put((byte) 0).putShort((short) (20 + 4 + Long.BYTES));
        out.putInt((int) mark | 1).putInt(1 << 16).putShort((short) 1).putShort((short) 1);
        out.putInt((int) mark);
        out.putShort((short) 0x8fff).putShort((short) (4 + Long.BYTES)).putLong(mark);
        CRC32C crc = new CRC32C();
        crc.update(out.duplicate().flip().position(start));
        out.putInt(start + 8, Integer.reverseBytes((int) crc.getValue()));
      }
      case Icmp(boolean v6, int type, int code, int identifier) -> {
        out.put((byte) type).put((byte) code).putShort((short) 0);
        out.putShort((short) identifier).putShort((short) 1).putLong(mark);
        checksum(out, start, 2, v6 ? pseudo(pseudoSum, ICMPV6, out.position() - start) : 0);
      }
      case Other _ -> out.putLong(0).putLong(mark);
    }
  }

  private static int pseudo(int sum, int protocol, int length) {
    return sum + protocol + length;
  }

  private static void checksum(ByteBuffer out, int start, int at, int initial) {
    out.putShort(start + at, Checksum.of(out, start, out.position(), initial));
  }
}
