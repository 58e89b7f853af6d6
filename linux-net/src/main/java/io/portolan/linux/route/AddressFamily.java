package io.portolan.linux.route;

import java.net.Inet4Address;
import java.net.InetAddress;

/** Address families of the IP protocols (AF_INET, AF_INET6). */
public enum AddressFamily {
  INET(2, 4),
  INET6(10, 16);

  private final int number;
  private final int addressBytes;

  AddressFamily(int number, int addressBytes) {
    this.number = number;
    this.addressBytes = addressBytes;
  }

  public static AddressFamily of(InetAddress address) {
    return address instanceof Inet4Address ? INET : INET6;
  }

  /** The kernel's number. */
  public int number() {
    return number;
  }

  /** The number of bytes of an address. */
  public int addressBytes() {
    return addressBytes;
  }

  /** The number of bits of an address, the longest prefix length. */
  public int addressBits() {
    return addressBytes * Byte.SIZE;
  }
}
