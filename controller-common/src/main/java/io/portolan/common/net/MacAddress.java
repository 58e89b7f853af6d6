package io.portolan.common.net;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * A 48-bit Ethernet address (IEEE EUI-48).
 *
 * @param bits the address in the lower 48 bits
 */
public record MacAddress(long bits) implements Comparable<MacAddress> {
  private static final Pattern TEXT = Pattern.compile("(?i)[0-9a-f]{2}(:[0-9a-f]{2}){5}");

  public MacAddress {
    if (bits >>> 48 != 0) {
      throw new IllegalArgumentException("a MAC address has 48 bits");
    }
  }

  /**
   * Parses six pairs of hexadecimal digits joined by colons.
   *
   * @throws IllegalArgumentException if {@code text} is anything else
   */
  public static MacAddress parse(String text) {
    if (!TEXT.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a MAC address such as 0a:58:0a:00:00:01");
    }
    return new MacAddress(Long.parseLong(text.replace(":", ""), 16));
  }

  /**
   * From network byte order.
   *
   * @throws IllegalArgumentException if there are not 6 bytes
   */
  public static MacAddress of(byte[] bytes) {
    if (bytes.length != 6) {
      throw new IllegalArgumentException("a MAC address has 6 bytes, not " + bytes.length);
    }
    byte[] wide = new byte[8];
    System.arraycopy(bytes, 0, wide, 2, 6);
    return new MacAddress(ByteBuffer.wrap(wide).getLong());
  }

  /** In network byte order: 6 bytes. */
  public byte[] bytes() {
    return Arrays.copyOfRange(ByteBuffer.allocate(8).putLong(bits).array(), 2, 8);
  }

  @Override
  public int compareTo(MacAddress other) {
    return Long.compare(bits, other.bits);
  }

  @Override
  public String toString() {
    return String.format(
        "%02x:%02x:%02x:%02x:%02x:%02x",
        bits >>> 40 & 255,
        bits >>> 32 & 255,
        bits >>> 24 & 255,
        bits >>> 16 & 255,
        bits >>> 8 & 255,
        bits & 255);
  }
}
