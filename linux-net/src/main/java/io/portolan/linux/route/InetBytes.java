package io.portolan.linux.route;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.netlink.MalformedMessageException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** {@link InetAddress} and its bytes in messages. */
final class InetBytes {
  private InetBytes() {}

  /** The address of 4 or 16 bytes; 16 bytes stay IPv6 even if they map an IPv4 address. */
  static InetAddress address(byte[] bytes) {
    try {
      return bytes.length == AddressFamily.INET6.addressBytes()
          ? Inet6Address.getByAddress(null, bytes, -1)
          : InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new MalformedMessageException("an IP address has 4 or 16 bytes, not " + bytes.length);
    }
  }

  static InetAddress read(AttributeReader attribute) {
    return address(attribute.bytes());
  }

  /** The prefix of an attribute and a length from the family header. */
  static IpPrefix readPrefix(AttributeReader attribute, int length) {
    InetAddress address = read(attribute);
    if (length > AddressFamily.of(address).addressBits()) {
      throw new MalformedMessageException(
          "prefix length " + length + " of " + address.getHostAddress());
    }
    return new IpPrefix(address, length);
  }

  static InetAddress withoutScope(InetAddress address) {
    return address instanceof Inet6Address ? address(address.getAddress()) : address;
  }
}
