package io.portolan.linux.netlink;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Messages that are sent together. Built once, may be sent more than once; sequence numbers are the
 * socket's.
 *
 * <p>Not for use by several threads at once.
 */
public final class NetlinkBatch {
  private final AttributeWriter bytes;
  private final List<Entry> entries = new ArrayList<>();

  /** Where a message lies and how to name it in an error. */
  private record Entry(int start, int end, boolean acknowledged, Supplier<String> description) {}

  public NetlinkBatch() {
    this(1024);
  }

  /** With room for {@code expectedBytes} before the buffer grows. */
  public NetlinkBatch(int expectedBytes) {
    bytes = new AttributeWriter(Math.max(64, expectedBytes));
  }

  /**
   * Appends a message. If {@code body} throws, the batch is as it was before.
   *
   * @param type message type; for nfnetlink with the subsystem in the upper byte
   * @param flags of {@link NetlinkFlags}; REQUEST is added. Without ACK only a failure is answered
   * @param description names the request in errors; asked only then
   * @param body writes the family header and the attributes
   */
  public NetlinkBatch add(
      int type, int flags, Supplier<String> description, Consumer<AttributeWriter> body) {
    int start = bytes.length();
    int headerFlags = flags | NetlinkFlags.REQUEST;
    try {
      bytes.intField(0).shortField(type).shortField(headerFlags).intField(0).intField(0);
      body.accept(bytes);
      bytes.setInt(start + NetlinkHeader.LENGTH, bytes.length() - start);
      bytes.pad();
    } catch (RuntimeException | Error e) {
      bytes.truncate(start);
      throw e;
    }
    entries.add(
        new Entry(start, bytes.length(), (headerFlags & NetlinkFlags.ACK) != 0, description));
    return this;
  }

  /** The number of messages. */
  public int size() {
    return entries.size();
  }

  public boolean isEmpty() {
    return entries.isEmpty();
  }

  /** The number of bytes of all messages. */
  public int length() {
    return bytes.length();
  }

  String describe(int index) {
    return entries.get(index).description.get();
  }

  int start(int index) {
    return entries.get(index).start;
  }

  int end(int index) {
    return entries.get(index).end;
  }

  boolean acknowledged(int index) {
    return entries.get(index).acknowledged;
  }

  /** Whether the message as it was last sent asks for an answer on success, too. */
  boolean isAnsweredAlways(int index) {
    return (bytes.getShort(start(index) + NetlinkHeader.FLAGS) & NetlinkFlags.ACK) != 0;
  }

  /** Sets whether the message, when it is sent, asks for an answer on success, too. */
  void acknowledge(int index, boolean always) {
    int at = start(index) + NetlinkHeader.FLAGS;
    int flags = bytes.getShort(at);
    bytes.setShort(at, always ? flags | NetlinkFlags.ACK : flags & ~NetlinkFlags.ACK);
  }

  byte[] array() {
    return bytes.array();
  }

  void number(int index, int sequence) {
    bytes.setInt(start(index) + NetlinkHeader.SEQUENCE, sequence);
  }
}
