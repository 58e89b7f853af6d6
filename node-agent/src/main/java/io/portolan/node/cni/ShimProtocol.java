package io.portolan.node.cni;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The bytes between the shim {@code portolan-cni} and the agent. Integers are big-endian.
 *
 * <pre>
 *   request:  u32 length of the rest | u8 protocol (1) | variables, each u32 length (ffffffff: not set)
 *             and bytes, in the order of VARIABLES | standard input, to the end
 *   answer:   u32 length of the rest | u8 exit code | standard output, to the end
 * </pre>
 */
final class ShimProtocol {
  /** Longest request taken in, in bytes. Real ones have 1 to 20 KiB; GC grows by 100 per pod. */
  static final int MAX_REQUEST = 1 << 20;

  /** What the shim can send: standard input of 16 MiB and an environment. */
  static final int MAX_SHIM_REQUEST = 17 << 20;

  static final List<String> VARIABLES =
      List.of(
          "CNI_COMMAND",
          "CNI_CONTAINERID",
          "CNI_NETNS",
          "CNI_IFNAME",
          "CNI_ARGS",
          "CNI_PATH",
          "CNI_NETNS_OVERRIDE");

  private static final int PROTOCOL = 1;
  private static final int NOT_SET = -1;

  private ShimProtocol() {}

  /** What the shim sent, or why that cannot be worked on. */
  sealed interface Received {}

  /**
   * @param environment the CNI variables that are set
   * @param input standard input of the shim
   */
  record Invocation(Map<String, String> environment, String input) implements Received {}

  /** The request was read to its end, as far as that makes sense, and must be refused. */
  record Refused(CniError error) implements Received {}

  /**
   * Reads one request.
   *
   * @throws IOException if the peer goes away, or sends what no shim of ours would send
   */
  static Received read(ReadableByteChannel channel) throws IOException {
    ByteBuffer header = fill(channel, ByteBuffer.allocate(4));
    int length = header.getInt();
    if (length < 1 || length > MAX_SHIM_REQUEST) {
      throw new IOException("a request of " + Integer.toUnsignedString(length) + " bytes");
    }
    if (length > MAX_REQUEST) {
      // Taken in and thrown away: a peer that is still writing would not see the answer.
      discard(channel, length);
      return new Refused(
          new CniError(
              CniErrorCode.DECODING_FAILURE,
              "the network configuration is too long",
              "the request has " + length + " bytes, at most " + MAX_REQUEST + " are accepted"));
    }
    ByteBuffer body = fill(channel, ByteBuffer.allocate(length));
    int protocol = body.get();
    if (protocol != PROTOCOL) {
      return new Refused(
          new CniError(
              CniErrorCode.TRY_AGAIN_LATER,
              "the CNI program and the node agent are of different versions",
              "the program speaks protocol " + protocol + ", the agent " + PROTOCOL));
    }
    Map<String, String> environment = new LinkedHashMap<>();
    for (String variable : VARIABLES) {
      if (body.remaining() < 4) {
        throw new IOException("the request ends within its variables");
      }
      int size = body.getInt();
      if (size != NOT_SET) {
        if (size < 0 || size > body.remaining()) {
          throw new IOException("the request ends within " + variable);
        }
        byte[] value = new byte[size];
        body.get(value);
        environment.put(variable, new String(value, StandardCharsets.UTF_8));
      }
    }
    byte[] input = new byte[body.remaining()];
    body.get(input);
    return new Invocation(environment, new String(input, StandardCharsets.UTF_8));
  }

  static ByteBuffer answer(int exitCode, String text) {
    byte[] output = text.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(5 + output.length)
        .putInt(1 + output.length)
        .put((byte) exitCode)
        .put(output)
        .flip();
  }

  private static ByteBuffer fill(ReadableByteChannel channel, ByteBuffer buffer)
      throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException(
            "the connection ended after "
                + buffer.position()
                + " of "
                + buffer.capacity()
                + " bytes");
      }
    }
    return buffer.flip();
  }

  private static void discard(ReadableByteChannel channel, int length) throws IOException {
    ByteBuffer waste = ByteBuffer.allocate(64 * 1024);
    for (int left = length; left > 0; ) {
      int count = channel.read(waste.clear().limit(Math.min(left, waste.capacity())));
      if (count < 0) {
        throw new EOFException("the connection ended with " + left + " bytes to come");
      }
      left -= count;
    }
  }
}
