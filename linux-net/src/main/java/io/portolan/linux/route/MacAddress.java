package io.portolan.linux.route;

import java.util.HexFormat;

/**
 * An Ethernet address.
 *
 * @param bits the 48 bits, first byte highest
 */
public record MacAddress(long bits) implements Comparable<MacAddress> {
  public static final int BYTES = 6;
  private static final HexFormat COLONS = HexFormat.ofDelimiter(":");

  public MacAddress {
    if (bits < 0 || bits >= 1L << 48) {
      throw new IllegalArgumentException(
          "bits " + Long.toHexString(bits) + ": a MAC address has 48");
    }
  }

  /**
   * @throws IllegalArgumentException if there are not six bytes
   */
  public static MacAddress of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a MAC address has 6 bytes, not " + bytes.length);
    }
    long bits = 0;
    for (byte b : bytes) {
      bits = bits << Byte.SIZE | (b & 0xff);
    }
    return new MacAddress(bits);
  }

  /**
   * Parses {@code 0a:00:00:00:00:01}.
   *
   * @throws IllegalArgumentException if the text is anything else
   */
  public static MacAddress parse(String text) {
    try {
      return of(COLONS.parseHex(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is no MAC address; write it like 0a:00:00:00:00:01", e);
    }
  }

  public byte[] bytes() {
    byte[] bytes = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      bytes[i] = (byte) (bits >>> ((BYTES - 1 - i) * Byte.SIZE));
    }
    return bytes;
  }

  @Override
  public int compareTo(MacAddress other) {
    return Long.compare(bits, other.bits);
  }

  @Override
  public String toString() {
    return COLONS.formatHex(bytes());
  }
}
