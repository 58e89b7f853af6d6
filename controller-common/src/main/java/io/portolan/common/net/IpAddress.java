package io.portolan.common.net;

import inet.ipaddr.AddressStringException;
import inet.ipaddr.IPAddressString;
import inet.ipaddr.IPAddressStringParameters;
import inet.ipaddr.IncompatibleAddressException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * An IPv4 or IPv6 address as a 24-byte value, because an agent holds tens of thousands of them.
 *
 * <p>The order is IPv4 before IPv6, then numeric. {@link #toString()} is the canonical text (RFC
 * 5952 for IPv6). IPv4-mapped IPv6 addresses stay IPv6.
 *
 * @param family which of the two families
 * @param high the upper 64 bits of an IPv6 address; 0 for IPv4
 * @param low the lower 64 bits; for IPv4 the address in the lower 32 bits
 */
public record IpAddress(IpFamily family, long high, long low) implements Comparable<IpAddress> {
  /**
   * Only the forms that RFC 4291 and dotted decimal allow: no octal, no hexadecimal, no missing
   * segments.
   */
  private static final IPAddressStringParameters STRICT =
      new IPAddressStringParameters.Builder()
          .allowEmpty(false)
          .allowAll(false)
          .allowPrefix(false)
          .allowMask(false)
          .allowPrefixOnly(false)
          .allowWildcardedSeparator(false)
          .allowSingleSegment(false)
          .getIPv4AddressParametersBuilder()
          .allow_inet_aton(false)
          .allowLeadingZeros(false)
          .setRangeOptions(inet.ipaddr.AddressStringParameters.RangeParameters.NO_RANGE)
          .getParentBuilder()
          .getIPv6AddressParametersBuilder()
          .allowZone(false)
          .allowBase85(false)
          .setRangeOptions(inet.ipaddr.AddressStringParameters.RangeParameters.NO_RANGE)
          .getParentBuilder()
          .toParams();

  public IpAddress {
    if (family == IpFamily.IPV4 && (high != 0 || low >>> 32 != 0)) {
      throw new IllegalArgumentException("an IPv4 address has 32 bits");
    }
  }

  /**
   * Parses dotted decimal or RFC 4291 text, without prefix length or zone.
   *
   * @throws IllegalArgumentException if {@code text} is anything else; the message names it
   */
  public static IpAddress parse(String text) {
    try {
      return of(new IPAddressString(text, STRICT).toAddress().getBytes());
    } catch (AddressStringException | IncompatibleAddressException e) {
      throw new IllegalArgumentException("'" + text + "' is not an IP address", e);
    }
  }

  /**
   * From network byte order.
   *
   * @throws IllegalArgumentException if there are not 4 or 16 bytes
   */
  public static IpAddress of(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return switch (bytes.length) {
      case 4 -> new IpAddress(IpFamily.IPV4, 0, buffer.getInt() & 0xffff_ffffL);
      case 16 -> new IpAddress(IpFamily.IPV6, buffer.getLong(), buffer.getLong());
      default ->
          throw new IllegalArgumentException(
              "an IP address has 4 or 16 bytes, not " + bytes.length);
    };
  }

  /** From the JDK's type; a scope id is dropped. */
  public static IpAddress of(InetAddress address) {
    return of(address.getAddress());
  }

  /** In network byte order: 4 or 16 bytes. */
  public byte[] bytes() {
    return family == IpFamily.IPV4
        ? ByteBuffer.allocate(4).putInt((int) low).array()
        : ByteBuffer.allocate(16).putLong(high).putLong(low).array();
  }

  /** As the JDK's type. */
  public InetAddress toInetAddress() {
    try {
      return InetAddress.getByAddress(bytes());
    } catch (UnknownHostException e) {
      throw new AssertionError("4 or 16 bytes are always an address", e);
    }
  }

  public boolean isIpv4() {
    return family == IpFamily.IPV4;
  }

  public boolean isIpv6() {
    return family == IpFamily.IPV6;
  }

  /** This address alone, as a /32 or /128. */
  public Cidr toCidr() {
    return new Cidr(this, family.bits());
  }

  /**
   * The address {@code offset} further on.
   *
   * @throws IllegalArgumentException if that leaves the family's range
   */
  public IpAddress plus(long offset) {
    long sum = low + offset;
    if (family == IpFamily.IPV4) {
      if (sum < 0 || sum >>> 32 != 0) {
        throw new IllegalArgumentException(this + " + " + offset + " is no IPv4 address");
      }
      return new IpAddress(family, 0, sum);
    }
    boolean carry =
        offset >= 0 ? Long.compareUnsigned(sum, low) < 0 : Long.compareUnsigned(sum, low) > 0;
    long carried = carry ? high + Long.signum(offset) : high;
    if (carry && (offset >= 0 ? carried == 0 : carried == -1)) {
      throw new IllegalArgumentException(this + " + " + offset + " is no IPv6 address");
    }
    return new IpAddress(family, carried, sum);
  }

  @Override
  public int compareTo(IpAddress other) {
    int byFamily = family.compareTo(other.family);
    if (byFamily != 0) {
      return byFamily;
    }
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  @Override
  public String toString() {
    if (family == IpFamily.IPV4) {
      return (low >>> 24) + "." + (low >>> 16 & 255) + "." + (low >>> 8 & 255) + "." + (low & 255);
    }
    return new inet.ipaddr.ipv6.IPv6Address(bytes()).toCanonicalString();
  }
}
