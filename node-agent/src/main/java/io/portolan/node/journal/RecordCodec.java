package io.portolan.node.journal;

import io.portolan.common.net.IpAddress;
import io.portolan.node.endpoint.Attachment;
import io.portolan.node.endpoint.AttachmentId;
import io.portolan.node.endpoint.PodIdentity;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A record as bytes. Integers are big-endian, texts are UTF-8 behind their length.
 *
 * <pre>
 *   u32 length of the body | u32 CRC-32C of the body | body: u8 kind, fields
 *   Reserved  1: id, u8 has pod [, namespace, name, uid], netns, host interface, u8 n, n addresses
 *   Attached  2: id        Detaching 3: id        Released  4: id
 *   Cooling   5: address, i64 milliseconds since 1970
 *   id: network, container, interface      address: u8 4 or 16, bytes      text: u16 length, bytes
 * </pre>
 */
final class RecordCodec {
  static final int HEADER = 8;

  /** A record holds a few names and addresses; a longer one is not a record. */
  static final int MAX_BODY = 16 * 1024;

  private static final int USUAL_BODY = 500;

  private RecordCodec() {}

  /**
   * @throws IllegalArgumentException if the record does not fit: some name is absurdly long
   */
  static ByteBuffer encode(JournalRecord record) {
    ByteBuffer frame;
    try {
      frame = body(record, USUAL_BODY);
    } catch (BufferOverflowException e) {
      frame = longBody(record);
    }
    frame.flip();
    int length = frame.limit() - HEADER;
    return frame.putInt(0, length).putInt(4, checksum(frame.slice(HEADER, length)));
  }

  private static ByteBuffer longBody(JournalRecord record) {
    try {
      return body(record, MAX_BODY);
    } catch (BufferOverflowException e) {
      throw new IllegalArgumentException("a record of more than " + MAX_BODY + " bytes", e);
    }
  }

  private static ByteBuffer body(JournalRecord record, int room) {
    ByteBuffer frame = ByteBuffer.allocate(HEADER + room).position(HEADER);
    body(record, frame);
    return frame;
  }

  private static void body(JournalRecord record, ByteBuffer frame) {
    switch (record) {
      case JournalRecord.Reserved(Attachment attachment) -> {
        put(frame.put((byte) 1), attachment.id());
        frame.put((byte) (attachment.pod().isPresent() ? 1 : 0));
        attachment
            .pod()
            .ifPresent(pod -> {
              put(frame, pod.namespace());
              put(frame, pod.name());
              put(frame, pod.uid());
            });
        put(frame, attachment.netns());
        put(frame, attachment.hostInterface());
        frame.put((byte) attachment.addresses().size());
        attachment.addresses().forEach(address -> put(frame, address));
      }
      case JournalRecord.Attached(AttachmentId id) -> put(frame.put((byte) 2), id);
      case JournalRecord.Detaching(AttachmentId id) -> put(frame.put((byte) 3), id);
      case JournalRecord.Released(AttachmentId id) -> put(frame.put((byte) 4), id);
      case JournalRecord.Cooling(IpAddress address, Instant until) -> {
        put(frame.put((byte) 5), address);
        frame.putLong(until.toEpochMilli());
      }
    }
  }

  /**
   * Takes one record off {@code bytes}, or leaves the position and returns empty where no whole,
   * undamaged record stands: the torn tail of a write that was cut short.
   *
   * @throws IOException if the record is whole and undamaged but says what no version of ours wrote
   */
  static Optional<JournalRecord> decode(ByteBuffer bytes) throws IOException {
    if (bytes.remaining() < HEADER) {
      return Optional.empty();
    }
    int start = bytes.position();
    int length = bytes.getInt(start);
    if (length < 1 || length > MAX_BODY || length > bytes.remaining() - HEADER) {
      return Optional.empty();
    }
    ByteBuffer body = bytes.slice(start + HEADER, length);
    if (checksum(body.duplicate()) != bytes.getInt(start + 4)) {
      return Optional.empty();
    }
    try {
      JournalRecord record = body(body);
      bytes.position(start + HEADER + length);
      return Optional.of(record);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new IOException("the journal's record at byte " + start + " cannot be understood", e);
    }
  }

  private static JournalRecord body(ByteBuffer body) {
    int kind = body.get();
    return switch (kind) {
      case 1 -> {
        AttachmentId id = id(body);
        Optional<PodIdentity> pod =
            body.get() == 0
                ? Optional.empty()
                : Optional.of(new PodIdentity(text(body), text(body), text(body)));
        String netns = text(body);
        String hostInterface = text(body);
        int count = body.get();
        List<IpAddress> addresses = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
          addresses.add(address(body));
        }
        yield new JournalRecord.Reserved(new Attachment(id, pod, netns, hostInterface, addresses));
      }
      case 2 -> new JournalRecord.Attached(id(body));
      case 3 -> new JournalRecord.Detaching(id(body));
      case 4 -> new JournalRecord.Released(id(body));
      case 5 -> new JournalRecord.Cooling(address(body), Instant.ofEpochMilli(body.getLong()));
      default -> throw new IllegalArgumentException("kind " + kind);
    };
  }

  private static int checksum(ByteBuffer body) {
    CRC32C crc = new CRC32C();
    crc.update(body);
    return (int) crc.getValue();
  }

  private static void put(ByteBuffer frame, AttachmentId id) {
    put(frame, id.network());
    put(frame, id.containerId());
    put(frame, id.ifName());
  }

  private static void put(ByteBuffer frame, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    frame.putShort((short) bytes.length).put(bytes);
  }

  private static void put(ByteBuffer frame, IpAddress address) {
    byte[] bytes = address.bytes();
    frame.put((byte) bytes.length).put(bytes);
  }

  private static AttachmentId id(ByteBuffer body) {
    return new AttachmentId(text(body), text(body), text(body));
  }

  private static String text(ByteBuffer body) {
    byte[] bytes = new byte[Short.toUnsignedInt(body.getShort())];
    body.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static IpAddress address(ByteBuffer body) {
    byte[] bytes = new byte[body.get()];
    body.get(bytes);
    return IpAddress.of(bytes);
  }
}
