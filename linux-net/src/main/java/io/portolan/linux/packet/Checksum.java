package io.portolan.linux.packet;

import java.nio.ByteBuffer;

/** The Internet checksum (RFC 1071). */
final class Checksum {
  private Checksum() {}

  /** The sum of 16-bit words from {@code start} to {@code end}; an odd last byte is padded. */
  static int sum(ByteBuffer buffer, int start, int end) {
    int sum = 0;
    int at = start;
    for (; at + 1 < end; at += 2) {
      sum += buffer.getShort(at) & 0xffff;
    }
    return at < end ? sum + ((buffer.get(at) & 0xff) << 8) : sum;
  }

  /**
   * @param initial sum of what is not in the buffer
   */
  static short of(ByteBuffer buffer, int start, int end, int initial) {
    int sum = initial + sum(buffer, start, end);
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (short) ~sum;
  }
}
