package io.portolan.common.net;

/** The two families of the Internet Protocol. */
public enum IpFamily {
  /** RFC 791. */
  IPV4(32),
  /** RFC 8200. */
  IPV6(128);

  private final int bits;

  IpFamily(int bits) {
    this.bits = bits;
  }

  /** Width of an address of this family: 32 or 128. */
  public int bits() {
    return bits;
  }
}
