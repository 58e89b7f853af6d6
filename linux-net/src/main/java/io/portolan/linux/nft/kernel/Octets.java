package io.portolan.linux.nft.kernel;

import java.util.Arrays;
import java.util.HexFormat;

/** Bytes as a value. */
final class Octets {
  private final byte[] bytes;

  private Octets(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Takes the array over; the caller does not change it afterwards. */
  static Octets of(byte[] bytes) {
    return new Octets(bytes);
  }

  /** Takes it back for reading only. */
  byte[] array() {
    return bytes;
  }

  int length() {
    return bytes.length;
  }

  boolean isZero() {
    for (byte b : bytes) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Octets octets && Arrays.equals(bytes, octets.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "0x" + HexFormat.of().formatHex(bytes);
  }
}
