package io.portolan.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Walks attributes one by one:
 *
 * <pre>{@code
 * while (attributes.next()) {
 *   switch (attributes.type()) {
 *     case IFLA_MTU -> mtu = attributes.u32();
 *     case IFLA_LINKINFO -> readInfo(attributes.nested());
 *     default -> {}  // a newer kernel says more
 *   }
 * }
 * }</pre>
 *
 * <p>Never reads outside its bytes; whatever does not fit is a {@link MalformedMessageException}
 * and nothing else. A reader of a received message is valid only inside the callback that got it.
 */
public final class AttributeReader {
  private final ByteBuffer bytes;
  private final int end;
  private int next;
  private int value;
  private int valueLength = -1;
  private int type;

  /**
   * A reader of the attributes between position and limit of {@code bytes}, whose position does not
   * move.
   */
  public AttributeReader(ByteBuffer bytes) {
    this(bytes.duplicate().order(ByteOrder.nativeOrder()), bytes.position(), bytes.limit());
  }

  private AttributeReader(ByteBuffer bytes, int start, int end) {
    this.bytes = bytes;
    this.next = start;
    this.end = end;
  }

  /**
   * Steps to the next attribute.
   *
   * @return false at the end; fewer than four bytes at the end are padding
   */
  public boolean next() {
    if (end - next < NetlinkHeader.ATTRIBUTE_BYTES) {
      valueLength = -1;
      return false;
    }
    int length = bytes.getShort(next) & 0xffff;
    if (length < NetlinkHeader.ATTRIBUTE_BYTES || length > end - next) {
      throw new MalformedMessageException(
          "attribute at byte "
              + next
              + " claims "
              + length
              + " bytes, "
              + (end - next)
              + " are left");
    }
    type = bytes.getShort(next + Short.BYTES) & NetlinkHeader.TYPE_MASK;
    value = next + NetlinkHeader.ATTRIBUTE_BYTES;
    valueLength = length - NetlinkHeader.ATTRIBUTE_BYTES;
    next = Math.min(end, next + NetlinkHeader.align(length));
    return true;
  }

  /** The attribute's number, without the flag bits. */
  public int type() {
    need(0);
    return type;
  }

  /** The number of bytes of the value. */
  public int length() {
    need(0);
    return valueLength;
  }

  /** Unsigned. */
  public int u8() {
    need(1);
    return bytes.get(value) & 0xff;
  }

  /** Unsigned. */
  public int u16() {
    need(Short.BYTES);
    return bytes.getShort(value) & 0xffff;
  }

  /** The 32 bits; see {@link Integer#toUnsignedLong} for values above 2^31. */
  public int u32() {
    need(Integer.BYTES);
    return bytes.getInt(value);
  }

  public long u64() {
    need(Long.BYTES);
    return bytes.getLong(value);
  }

  public int u16BigEndian() {
    need(Short.BYTES);
    return (bytes.get(value) & 0xff) << 8 | (bytes.get(value + 1) & 0xff);
  }

  public int u32BigEndian() {
    int number = u32();
    return bytes.order() == ByteOrder.BIG_ENDIAN ? number : Integer.reverseBytes(number);
  }

  public long u64BigEndian() {
    long number = u64();
    return bytes.order() == ByteOrder.BIG_ENDIAN ? number : Long.reverseBytes(number);
  }

  /** A copy of the value. */
  public byte[] bytes() {
    need(0);
    byte[] copy = new byte[valueLength];
    bytes.get(value, copy);
    return copy;
  }

  /**
   * UTF-8 text up to the first zero byte or the end; bytes that are no UTF-8 become the replacement
   * character.
   */
  public String string() {
    byte[] raw = bytes();
    int length = 0;
    while (length < raw.length && raw[length] != 0) {
      length++;
    }
    return new String(raw, 0, length, StandardCharsets.UTF_8);
  }

  /** The attributes inside this one. */
  public AttributeReader nested() {
    return nested(0);
  }

  /** The attributes inside this one, behind a fixed header of {@code headerLength} bytes. */
  public AttributeReader nested(int headerLength) {
    need(headerLength);
    return new AttributeReader(bytes, value + headerLength, value + valueLength);
  }

  private void need(int length) {
    if (valueLength < 0) {
      throw new MalformedMessageException(
          "no attribute at this place: next() has not returned true");
    }
    if (valueLength < length) {
      throw new MalformedMessageException(
          "attribute " + type + " has " + valueLength + " bytes where " + length + " are needed");
    }
  }
}
