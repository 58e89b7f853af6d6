package io.portolan.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Writes the family header and the attributes of a message, in order, padding as it goes.
 *
 * <p>First the fixed header ({@link #byteField}, {@link #shortField}, {@link #intField}), then
 * attributes. Numbers are in the machine's byte order unless the method name says big endian. Not
 * for use by several threads at once.
 */
public final class AttributeWriter {
  private static final int INITIAL_BYTES = 512;

  private ByteBuffer buffer;

  public AttributeWriter() {
    this(INITIAL_BYTES);
  }

  AttributeWriter(int capacity) {
    buffer = ByteBuffer.allocate(capacity).order(ByteOrder.nativeOrder());
  }

  /** One byte of the family header. */
  public AttributeWriter byteField(int value) {
    room(1).put((byte) value);
    return this;
  }

  /** Two bytes of the family header. */
  public AttributeWriter shortField(int value) {
    room(Short.BYTES).putShort((short) value);
    return this;
  }

  /** Two bytes of the family header, big endian. */
  public AttributeWriter shortFieldBigEndian(int value) {
    return byteField(value >>> 8).byteField(value);
  }

  /** Four bytes of the family header. */
  public AttributeWriter intField(int value) {
    room(Integer.BYTES).putInt(value);
    return this;
  }

  /** An attribute without a value, whose presence is its meaning. */
  public AttributeWriter flag(int type) {
    header(type, 0);
    return this;
  }

  public AttributeWriter u8(int type, int value) {
    header(type, 1);
    buffer.put((byte) value);
    return pad();
  }

  public AttributeWriter u16(int type, int value) {
    header(type, Short.BYTES);
    buffer.putShort((short) value);
    return pad();
  }

  public AttributeWriter u32(int type, int value) {
    header(type, Integer.BYTES);
    buffer.putInt(value);
    return this;
  }

  public AttributeWriter u64(int type, long value) {
    header(type, Long.BYTES);
    buffer.putLong(value);
    return this;
  }

  public AttributeWriter u16BigEndian(int type, int value) {
    return u16(type, nativeIsBig() ? value : Short.reverseBytes((short) value));
  }

  public AttributeWriter u32BigEndian(int type, int value) {
    return u32(type, nativeIsBig() ? value : Integer.reverseBytes(value));
  }

  public AttributeWriter u64BigEndian(int type, long value) {
    return u64(type, nativeIsBig() ? value : Long.reverseBytes(value));
  }

  public AttributeWriter bytes(int type, byte[] value) {
    header(type, value.length);
    buffer.put(value);
    return pad();
  }

  /** UTF-8 text with the zero byte that the kernel expects behind it. */
  public AttributeWriter string(int type, String value) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    header(type, text.length + 1);
    buffer.put(text).put((byte) 0);
    return pad();
  }

  /**
   * An attribute made of what {@code body} writes: attributes, or a fixed header and attributes.
   *
   * @throws IllegalStateException if it becomes longer than an attribute can be (65,535 bytes):
   *     split the list
   */
  public AttributeWriter nested(int type, Consumer<AttributeWriter> body) {
    int start = openNested(type);
    body.accept(this);
    closeNested(start);
    return this;
  }

  /**
   * Begins a nested attribute, for lists too hot for a closure each; returns what {@link
   * #closeNested} wants.
   */
  public int openNested(int type) {
    int start = buffer.position();
    header(type | NetlinkHeader.NESTED, 0);
    return start;
  }

  /** Ends a nested attribute begun at {@code start}. */
  public void closeNested(int start) {
    int length = buffer.position() - start;
    if (length > NetlinkHeader.MAX_ATTRIBUTE_BYTES) {
      throw new IllegalStateException(
          "attribute "
              + (buffer.getShort(start + Short.BYTES) & NetlinkHeader.TYPE_MASK)
              + " would be "
              + length
              + " bytes long; an attribute holds 65535: split the list into several messages");
    }
    buffer.putShort(start, (short) length);
  }

  /** How many bytes have been written. */
  public int length() {
    return buffer.position();
  }

  /** A copy of what has been written. */
  public byte[] toByteArray() {
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  /** The bytes themselves, up to {@link #length}; only until the next write. */
  byte[] array() {
    return buffer.array();
  }

  void setInt(int position, int value) {
    buffer.putInt(position, value);
  }

  int getShort(int position) {
    return Short.toUnsignedInt(buffer.getShort(position));
  }

  void setShort(int position, int value) {
    buffer.putShort(position, (short) value);
  }

  /** Forgets what was written from {@code position} on. */
  void truncate(int position) {
    buffer.position(position);
  }

  AttributeWriter pad() {
    int missing = NetlinkHeader.align(buffer.position()) - buffer.position();
    room(missing);
    for (int i = 0; i < missing; i++) {
      buffer.put((byte) 0);
    }
    return this;
  }

  private void header(int type, int valueLength) {
    int length = NetlinkHeader.ATTRIBUTE_BYTES + valueLength;
    if (length > NetlinkHeader.MAX_ATTRIBUTE_BYTES) {
      throw new IllegalStateException(
          "attribute "
              + (type & NetlinkHeader.TYPE_MASK)
              + " is "
              + length
              + " bytes long; an attribute holds 65535");
    }
    room(NetlinkHeader.align(length)).putShort((short) length).putShort((short) type);
  }

  private ByteBuffer room(int bytes) {
    if (buffer.remaining() < bytes) {
      int capacity = Math.max(Math.multiplyExact(buffer.capacity(), 2), buffer.position() + bytes);
      byte[] larger = Arrays.copyOf(buffer.array(), capacity);
      buffer = ByteBuffer.wrap(larger).order(ByteOrder.nativeOrder()).position(buffer.position());
    }
    return buffer;
  }

  private static boolean nativeIsBig() {
    return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;
  }
}
