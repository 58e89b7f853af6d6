package io.portolan.lab.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Answers {@code exec} and {@code down} for a running lab. */
public final class ControlServer implements AutoCloseable {
  /** What a lab lets outside commands do. */
  public interface Inside {
    /**
     * Starts a command in the namespace of a pod ({@code namespace/name} or {@code name}) or node.
     *
     * @throws IllegalArgumentException if there is no such pod or node; the message lists what
     *     there is
     */
    Process exec(String target, List<String> command) throws IOException;

    /** Begins to take the lab down. */
    void down();
  }

  private static final int MAX_REQUEST = 64 << 10;

  private final Path socket;
  private final ServerSocketChannel server;
  private final Inside inside;

  private ControlServer(Path socket, ServerSocketChannel server, Inside inside) {
    this.socket = socket;
    this.server = server;
    this.inside = inside;
  }

  /** Listens on {@code socket}; a dead socket file of that name is replaced. */
  public static ControlServer start(Path socket, Inside inside) throws IOException {
    Files.deleteIfExists(socket);
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    channel.bind(UnixDomainSocketAddress.of(socket));
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    ControlServer server = new ControlServer(socket, channel, inside);
    Thread.ofPlatform().name("lab-control").daemon().start(server::accept);
    return server;
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel connection = server.accept();
        Thread.ofPlatform().name("lab-control-connection").daemon().start(() -> serve(connection));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(SocketChannel connection) {
    try (connection) {
      InputStream in = Channels.newInputStream(connection);
      DataOutputStream out = new DataOutputStream(Channels.newOutputStream(connection));
      try {
        JsonNode request = new ObjectMapper().readTree(line(in));
        switch (request.path("verb").asText()) {
          case "exec" -> exec(request, in, out);
          case "down" -> {
            new Frame(Frame.Stream.EXIT, new byte[] {0}).write(out);
            inside.down();
          }
          case String other -> throw new IllegalArgumentException("unknown verb '" + other + "'");
        }
      } catch (IllegalArgumentException | IOException e) {
        fail(out, String.valueOf(e.getMessage()));
      }
    } catch (IOException e) {
      return; // the asking command is gone
    }
  }

  private static void fail(DataOutputStream out, String message) throws IOException {
    new Frame(Frame.Stream.ERR, ("portolan: " + message + "\n").getBytes(StandardCharsets.UTF_8))
        .write(out);
    new Frame(Frame.Stream.EXIT, new byte[] {126}).write(out);
  }

  private void exec(JsonNode request, InputStream in, DataOutputStream out) throws IOException {
    List<String> command = new ArrayList<>();
    request.path("command").forEach(word -> command.add(word.asText()));
    Process process = inside.exec(request.path("target").asText(), command);
    Thread input = Thread.ofVirtual().start(() -> pumpInput(in, process.getOutputStream()));
    Thread errors =
        Thread.ofVirtual().start(() -> pumpOutput(process.getErrorStream(), Frame.Stream.ERR, out));
    pumpOutput(process.getInputStream(), Frame.Stream.OUT, out);
    try {
      errors.join();
      int code = process.waitFor();
      new Frame(Frame.Stream.EXIT, new byte[] {(byte) code}).write(out);
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
    } finally {
      input.interrupt();
    }
  }

  private static void pumpInput(InputStream from, OutputStream to) {
    try (to) {
      from.transferTo(to);
    } catch (IOException e) {
      return; // the command ended first, or its user hung up
    }
  }

  private static void pumpOutput(InputStream from, Frame.Stream stream, DataOutputStream to) {
    byte[] buffer = new byte[Frame.MAX_BYTES];
    try {
      for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
        new Frame(stream, java.util.Arrays.copyOf(buffer, n)).write(to);
      }
    } catch (IOException e) {
      return; // the asking command is gone; the process ends on its own closed pipe
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0 || text.length() >= MAX_REQUEST) {
        throw new IOException("incomplete request");
      }
      text.append((char) c);
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    server.close();
    Files.deleteIfExists(socket);
  }
}
