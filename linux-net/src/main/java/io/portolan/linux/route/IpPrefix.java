package io.portolan.linux.route;

import java.net.InetAddress;

/**
 * An address and how many of its first bits name its network. Host bits are kept, as interface
 * addresses have them.
 *
 * @param address without a scope; a given one is dropped, the kernel takes it from the link
 * @param length 0 to 32 for IPv4, 0 to 128 for IPv6
 */
public record IpPrefix(InetAddress address, int length) {
  public static final IpPrefix ALL_IPV4 = parse("0.0.0.0/0");
  public static final IpPrefix ALL_IPV6 = parse("::/0");

  /**
   * @throws IllegalArgumentException if the length is out of range
   */
  public IpPrefix {
    address = InetBytes.withoutScope(address);
    int bits = AddressFamily.of(address).addressBits();
    if (length < 0 || length > bits) {
      throw new IllegalArgumentException(
          "length of "
              + address.getHostAddress()
              + "/"
              + length
              + ": a prefix length is 0 to "
              + bits);
    }
  }

  /** The prefix of this address alone: /32 or /128. */
  public static IpPrefix of(InetAddress address) {
    return new IpPrefix(address, AddressFamily.of(address).addressBits());
  }

  /**
   * Parses {@code address} or {@code address/length}; never asks a name server.
   *
   * @throws IllegalArgumentException if the text is anything else
   */
  public static IpPrefix parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return of(InetAddress.ofLiteral(text));
    }
    try {
      return new IpPrefix(
          InetAddress.ofLiteral(text.substring(0, slash)),
          Integer.parseInt(text, slash + 1, text.length(), 10));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "': the prefix length is not a number", e);
    }
  }

  public AddressFamily family() {
    return AddressFamily.of(address);
  }

  /** Whether the prefix is one address. */
  public boolean isSingleAddress() {
    return length == family().addressBits();
  }

  /** Whether bits behind the prefix length are set. */
  public boolean hasHostBits() {
    return !network().address.equals(address);
  }

  /** This prefix with host bits cleared. */
  public IpPrefix network() {
    byte[] bytes = address.getAddress();
    for (int i = 0; i < bytes.length; i++) {
      int kept = Math.clamp(length - (long) i * Byte.SIZE, 0, Byte.SIZE);
      bytes[i] &= (byte) (0xff00 >> kept);
    }
    return new IpPrefix(InetBytes.address(bytes), length);
  }

  /** Whether {@code other} is of the same family and lies in this prefix. */
  public boolean contains(InetAddress other) {
    return AddressFamily.of(other) == family()
        && new IpPrefix(other, length).network().equals(network());
  }

  @Override
  public String toString() {
    return address.getHostAddress() + "/" + length;
  }
}
