package io.portolan.linux.route;

/**
 * Bits of a packet's or connection's mark.
 *
 * @param value within the mask
 * @param mask which bits count
 */
public record Mark(int value, int mask) {
  public Mark {
    if ((value & ~mask) != 0) {
      throw new IllegalArgumentException(
          "value 0x"
              + Integer.toHexString(value)
              + " has bits outside of mask 0x"
              + Integer.toHexString(mask));
    }
  }

  /** The whole mark. */
  public static Mark exactly(int value) {
    return new Mark(value, -1);
  }

  public boolean matches(int mark) {
    return (mark & mask) == value;
  }

  @Override
  public String toString() {
    return "0x"
        + Integer.toHexString(value)
        + (mask == -1 ? "" : "/0x" + Integer.toHexString(mask));
  }
}
