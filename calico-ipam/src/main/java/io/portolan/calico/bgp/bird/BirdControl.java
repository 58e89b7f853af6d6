package io.portolan.calico.bgp.bird;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * BIRD's control socket, one connection for each question. Lines of an answer begin with a number
 * of four digits and a dash, the last one with the number and a blank; a line that begins with a
 * blank has the number of the one before.
 */
final class BirdControl {
  private static final int PREFIX = 5;

  private final Path socket;

  BirdControl(Path socket) {
    this.socket = socket;
  }

  /** One line of an answer. */
  record Line(int code, String text) {}

  /**
   * Asks, and waits for the whole answer.
   *
   * @throws IOException if there is no BIRD, or it goes away
   */
  List<Line> ask(String command) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      BufferedReader reader =
          new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
      answer(reader);
      ByteBuffer request = ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.UTF_8));
      while (request.hasRemaining()) {
        channel.write(request);
      }
      return answer(reader);
    }
  }

  private static List<Line> answer(BufferedReader reader) throws IOException {
    List<Line> lines = new ArrayList<>();
    int code = 0;
    while (true) {
      String line = reader.readLine();
      if (line == null) {
        throw new IOException("BIRD closed the connection");
      }
      if (line.length() >= PREFIX && line.substring(0, PREFIX - 1).matches("\\d{4}")) {
        code = Integer.parseInt(line.substring(0, PREFIX - 1));
        lines.add(new Line(code, line.substring(PREFIX).strip()));
        if (line.charAt(PREFIX - 1) == ' ') {
          return lines;
        }
      } else {
        lines.add(new Line(code, line.strip()));
      }
    }
  }
}
