package io.portolan.lab.control;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The outside end of {@link ControlServer}. */
public final class ControlClient {
  private ControlClient() {}

  /**
   * Runs a command inside the lab, with this process's streams.
   *
   * @return the command's exit code; 126 if it could not be started
   */
  public static int exec(
      Path socket,
      String target,
      List<String> command,
      InputStream in,
      PrintStream out,
      PrintStream err)
      throws IOException {
    return call(socket, Map.of("verb", "exec", "target", target, "command", command), in, out, err);
  }

  /** Asks the lab to end; it is gone when its socket file is. */
  public static void down(Path socket) throws IOException {
    call(socket, Map.of("verb", "down"), InputStream.nullInputStream(), System.out, System.err);
  }

  private static int call(
      Path socket, Map<String, Object> request, InputStream in, PrintStream out, PrintStream err)
      throws IOException {
    try (SocketChannel channel = connect(socket)) {
      OutputStream to = Channels.newOutputStream(channel);
      to.write(
          (new ObjectMapper().writeValueAsString(request) + "\n")
              .getBytes(StandardCharsets.US_ASCII));
      to.flush();
      Thread.ofPlatform().daemon().start(() -> pump(in, to, channel));
      DataInputStream from = new DataInputStream(Channels.newInputStream(channel));
      while (true) {
        Frame frame = Frame.read(from);
        switch (frame.stream()) {
          case OUT -> out.write(frame.bytes());
          case ERR -> err.write(frame.bytes());
          case EXIT -> {
            out.flush();
            err.flush();
            return frame.bytes()[0] & 255;
          }
        }
      }
    }
  }

  private static SocketChannel connect(Path socket) throws IOException {
    try {
      return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    } catch (ConnectException e) {
      throw new IOException(
          "nobody answers at "
              + socket
              + ": the lab was killed; ./portolan lab down clears away what it left",
          e);
    }
  }

  private static void pump(InputStream in, OutputStream to, SocketChannel channel) {
    try {
      in.transferTo(to);
      channel.shutdownOutput();
    } catch (IOException e) {
      return; // the command ended first
    }
  }
}
