package io.portolan.lab.control;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;

/**
 * One message from a lab to the command that asked.
 *
 * <pre>
 *   0        1              5
 *   +--------+--------------+----------------+
 *   | stream | length, BE   | bytes ...      |
 *   +--------+--------------+----------------+
 * </pre>
 *
 * <p>{@code bytes} are at most 64 KiB; for {@link Stream#EXIT} one byte, the exit code.
 */
final class Frame {
  static final int MAX_BYTES = 64 << 10;

  /** What a frame carries. */
  enum Stream {
    OUT(1),
    ERR(2),
    EXIT(3);

    private final int code;

    Stream(int code) {
      this.code = code;
    }

    static Stream of(int code) throws EOFException {
      for (Stream stream : values()) {
        if (stream.code == code) {
          return stream;
        }
      }
      throw new EOFException("not a lab at the other end of the socket");
    }
  }

  private final Stream stream;
  private final byte[] bytes;

  /** The caller gives the array away. */
  Frame(Stream stream, byte[] bytes) {
    this.stream = stream;
    this.bytes = bytes;
  }

  Stream stream() {
    return stream;
  }

  byte[] bytes() {
    return bytes;
  }

  void write(DataOutputStream to) throws IOException {
    synchronized (to) { // two pumps share the connection
      to.writeByte(stream.code);
      to.writeInt(bytes.length);
      to.write(bytes);
      to.flush();
    }
  }

  static Frame read(DataInputStream from) throws IOException {
    Stream stream = Stream.of(from.readUnsignedByte());
    int length = from.readInt();
    if (length < 0 || length > MAX_BYTES) {
      throw new EOFException("not a lab at the other end of the socket");
    }
    return new Frame(stream, from.readNBytes(length));
  }
}
