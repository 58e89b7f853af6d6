package io.portolan.linux.nft;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * One typed value, 32 bytes on the heap because an agent holds a hundred thousand of them.
 *
 * <p>Ordered as {@code nft list} orders: by unsigned number.
 *
 * @param high the upper 64 bits of a 16-byte type; 0 for every other
 * @param low the lower 64 bits, or the number; an interface name fills both from the left
 */
public record NftValue(NftType type, long high, long low)
    implements NftKeyPart, NftData, Comparable<NftValue> {

  public NftValue {
    if (type == NftType.VERDICT) {
      throw new IllegalArgumentException("a verdict is an NftVerdict, not an NftValue");
    }
    boolean fits = type.length() > 8 || (high == 0 && low >>> (type.length() * 8 - 1) >>> 1 == 0);
    if (!fits) {
      throw new IllegalArgumentException(
          "a value of type " + type.text() + " has " + type.length() + " bytes");
    }
  }

  /** An IPv4 address given as a number, 10.0.0.1 being 0x0a000001. */
  public static NftValue ipv4(int address) {
    return new NftValue(NftType.IPV4_ADDR, 0, Integer.toUnsignedLong(address));
  }

  public static NftValue ipv6(long high, long low) {
    return new NftValue(NftType.IPV6_ADDR, high, low);
  }

  /** From 4 or 16 bytes in network order. IPv4-mapped IPv6 addresses stay IPv6. */
  public static NftValue address(byte[] bytes) {
    return switch (bytes.length) {
      case 4 -> ipv4(ByteBuffer.wrap(bytes).getInt());
      case 16 -> ipv6(ByteBuffer.wrap(bytes).getLong(), ByteBuffer.wrap(bytes).getLong(8));
      default ->
          throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes.length);
    };
  }

  public static NftValue address(InetAddress address) {
    return address(address.getAddress());
  }

  /** From literal text such as {@code 10.0.0.1} or {@code fd00::1}; never resolves a name. */
  public static NftValue address(String literal) {
    return literal.indexOf(':') >= 0
        ? NftAddressText.parseIpv6(literal)
        : address(Inet4Address.ofLiteral(literal));
  }

  /** A TCP, UDP or SCTP port, 0 to 65535. */
  public static NftValue port(int port) {
    return number(NftType.INET_SERVICE, port);
  }

  /** An IP protocol number, 0 to 255 (6 is TCP). */
  public static NftValue protocol(int protocol) {
    return number(NftType.INET_PROTO, protocol);
  }

  public static NftValue mark(int mark) {
    return number(NftType.MARK, Integer.toUnsignedLong(mark));
  }

  /** A MAC address in the lower 48 bits. */
  public static NftValue ether(long bits) {
    return number(NftType.ETHER_ADDR, bits);
  }

  /** An interface's name, 1 to 15 bytes (IFNAMSIZ). */
  public static NftValue ifname(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length > 15 || !name.chars().allMatch(NftName::printable)) {
      throw new IllegalArgumentException(
          "interface name '" + name + "': 1 to 15 printable characters");
    }
    ByteBuffer padded = ByteBuffer.allocate(16).put(bytes);
    return new NftValue(NftType.IFNAME, padded.getLong(0), padded.getLong(8));
  }

  /** Bits of {@code ct state}; combine {@link CtState}s. */
  public static NftValue ctState(CtState... states) {
    long bits = 0;
    for (CtState state : states) {
      bits |= state.bit();
    }
    return number(NftType.CT_STATE, bits);
  }

  /** Any numeric type; the number must fit the type. */
  public static NftValue number(NftType type, long number) {
    if (type.length() > 8) {
      throw new IllegalArgumentException(type.text() + " is not a number");
    }
    return new NftValue(type, 0, number);
  }

  /** As the kernel holds it, without the padding of a concatenation. */
  public byte[] bytes() {
    byte[] bytes = new byte[type.length()];
    write(ByteBuffer.wrap(bytes));
    return bytes;
  }

  /** Appends {@link NftType#length()} bytes. */
  public void write(ByteBuffer out) {
    int length = type.length();
    if (length == 16) {
      // Both byte orders look alike here: names are strings, addresses are in network order.
      out.order(ByteOrder.BIG_ENDIAN).putLong(high).putLong(low);
      return;
    }
    boolean littleEndian =
        !type.networkOrder() && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    for (int i = 0; i < length; i++) {
      out.put((byte) (low >>> (littleEndian ? i * 8 : (length - 1 - i) * 8)));
    }
  }

  /**
   * The inverse of {@link #bytes()}.
   *
   * @throws IndexOutOfBoundsException if there are too few bytes
   */
  public static NftValue read(NftType type, byte[] bytes, int offset) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int length = type.length();
    if (length == 16) {
      return new NftValue(type, in.getLong(offset), in.getLong(offset + 8));
    }
    boolean littleEndian =
        !type.networkOrder() && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    long number = 0;
    for (int i = 0; i < length; i++) {
      int at = offset + (littleEndian ? length - 1 - i : i);
      number = number << 8 | (bytes[at] & 0xff);
    }
    return new NftValue(type, 0, number);
  }

  @Override
  public NftValue from() {
    return this;
  }

  @Override
  public NftValue to() {
    return this;
  }

  /** Bits in the type; 32 for an IPv4 address. */
  public int bits() {
    return type.length() * 8;
  }

  /** With everything behind the first {@code prefixLength} bits set to ones. */
  public NftValue lastOf(int prefixLength) {
    int free = bits() - prefixLength;
    long lowMask = free >= 64 ? -1 : (1L << free) - 1;
    long highMask = free <= 64 ? 0 : free == 128 ? -1 : (1L << (free - 64)) - 1;
    return new NftValue(type, high | highMask, low | lowMask);
  }

  /** With everything behind the first {@code prefixLength} bits cleared. */
  public NftValue firstOf(int prefixLength) {
    NftValue last = lastOf(prefixLength);
    NftValue free = new NftValue(type, 0, 0).lastOf(prefixLength);
    return new NftValue(type, last.high & ~free.high, last.low & ~free.low);
  }

  /** The value plus one; the last value wraps to zero. */
  public NftValue next() {
    long nextLow = low + 1;
    long nextHigh = high;
    if (type.length() == 16 && nextLow == 0) {
      nextHigh++;
    } else if (type.length() < 8 && nextLow >>> bits() != 0) {
      nextLow = 0;
    }
    return new NftValue(type, nextHigh, nextLow);
  }

  /** The value minus one; zero wraps to the last value. */
  public NftValue previous() {
    long previousLow = low - 1;
    if (type.length() == 16) {
      return new NftValue(type, low == 0 ? high - 1 : high, previousLow);
    }
    return low == 0 ? new NftValue(type, 0, 0).lastOf(0) : new NftValue(type, high, previousLow);
  }

  public boolean isZero() {
    return high == 0 && low == 0;
  }

  @Override
  public int compareTo(NftValue other) {
    int byType = type.compareTo(other.type);
    if (byType != 0) {
      return byType;
    }
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  /** As nft prints it inside a set or rule. */
  @Override
  public String toString() {
    return NftValueText.of(this);
  }
}
