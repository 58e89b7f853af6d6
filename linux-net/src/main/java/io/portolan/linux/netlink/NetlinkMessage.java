package io.portolan.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One received message: header fields, and the payload read in place.
 *
 * <p>Valid only inside the callback that got it: the bytes belong to the socket's receive buffer.
 */
public final class NetlinkMessage {
  private final ByteBuffer bytes;
  private final int start;
  private final int end;

  private NetlinkMessage(ByteBuffer bytes, int start, int end) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  /** A message as the kernel would send it, with sequence number and port id 0. */
  public static NetlinkMessage of(int type, byte[] payload) {
    ByteBuffer bytes =
        ByteBuffer.allocate(NetlinkHeader.BYTES + payload.length).order(ByteOrder.nativeOrder());
    bytes
        .putInt(bytes.capacity())
        .putShort((short) type)
        .putShort((short) 0)
        .putInt(0)
        .putInt(0)
        .put(payload);
    return new NetlinkMessage(bytes, 0, bytes.capacity());
  }

  /**
   * The message that begins at {@code start}.
   *
   * @param bytes in the machine's byte order
   * @throws MalformedMessageException if it does not fit before {@code limit}
   */
  static NetlinkMessage at(ByteBuffer bytes, int start, int limit) {
    if (limit - start < NetlinkHeader.BYTES) {
      throw new MalformedMessageException(
          (limit - start) + " bytes are too few for a message header");
    }
    int length = bytes.getInt(start + NetlinkHeader.LENGTH);
    if (length < NetlinkHeader.BYTES || length > limit - start) {
      throw new MalformedMessageException(
          "message claims " + length + " bytes, " + (limit - start) + " were received");
    }
    return new NetlinkMessage(bytes, start, start + length);
  }

  /** The message type; for nfnetlink the subsystem is in the upper byte. */
  public int type() {
    return bytes.getShort(start + NetlinkHeader.TYPE) & 0xffff;
  }

  public int flags() {
    return bytes.getShort(start + NetlinkHeader.FLAGS) & 0xffff;
  }

  public int sequence() {
    return bytes.getInt(start + NetlinkHeader.SEQUENCE);
  }

  /** Port id of the socket that caused the message; 0 for the kernel. */
  public int portId() {
    return bytes.getInt(start + NetlinkHeader.PORT_ID);
  }

  /** The number of bytes behind the netlink header. */
  public int length() {
    return end - start - NetlinkHeader.BYTES;
  }

  /**
   * Unsigned byte of the family header, {@code offset} counted from the end of the netlink header.
   */
  public int u8(int offset) {
    return bytes.get(field(offset, 1)) & 0xff;
  }

  /** Unsigned. */
  public int u16(int offset) {
    return bytes.getShort(field(offset, Short.BYTES)) & 0xffff;
  }

  public int u32(int offset) {
    return bytes.getInt(field(offset, Integer.BYTES));
  }

  /** The attributes behind a family header of {@code headerLength} bytes. */
  public AttributeReader attributes(int headerLength) {
    int from = field(headerLength, 0);
    return new AttributeReader(bytes.duplicate().limit(end).position(from));
  }

  int nextStart(int limit) {
    return Math.min(limit, NetlinkHeader.align(end));
  }

  private int field(int offset, int length) {
    if (offset < 0 || length() < offset + length) {
      throw new MalformedMessageException(
          "message type "
              + type()
              + " has "
              + length()
              + " bytes where "
              + (offset + length)
              + " are needed");
    }
    return start + NetlinkHeader.BYTES + offset;
  }
}
