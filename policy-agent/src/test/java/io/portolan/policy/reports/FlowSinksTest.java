package io.portolan.policy.reports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where lines go: files that turn, sockets whose listener comes and goes. */
class FlowSinksTest {
  @TempDir private Path directory = Path.of("");

  @Test
  void aFullFileIsSetAside() throws IOException {
    Path path = directory.resolve("flows.log");
    try (RotatingFile file = new RotatingFile(path, 10, 2)) {
      for (String line : new String[] {"one\n", "two\n", "three\n", "four and five\n", "six\n"}) {
        file.write(bytes(line));
      }
    }
    assertThat(files())
        .isEqualTo("{flows.log=six\n, flows.log.1=four and five\n, flows.log.2=three\n}");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    try (RotatingFile again = new RotatingFile(path, 10, 0)) {
      again.write(bytes("7\n"));
      again.write(bytes("eight\n"));
      Files.move(path, directory.resolve("taken"));
      again.write(bytes("nine\n"));
    }
    assertThat(files())
        .isEqualTo(
            "{flows.log=nine\n, flows.log.1=four and five\n, flows.log.2=three\n, taken=eight\n}");
  }

  @Test
  void aFileThatCannotBeWrittenIsTriedAgain() throws IOException {
    Path missing = directory.resolve("later");
    try (RotatingFile file = new RotatingFile(missing.resolve("flows.log"), 10, 0)) {
      assertThatThrownBy(() -> file.write(bytes("lost\n"))).isInstanceOf(IOException.class);
      Files.createDirectory(missing);
      file.write(bytes("kept\n"));
    }
    assertThat(missing.resolve("flows.log")).hasContent("kept");
  }

  @Test
  void aListenerMayComeAndGo() throws IOException {
    Path path = directory.resolve("s");
    try (SocketSink sink = new SocketSink(path)) {
      assertThatThrownBy(() -> sink.write(bytes("lost\n"))).isInstanceOf(IOException.class);
      try (ServerSocketChannel server = listen(path)) {
        sink.write(bytes("one\n"));
        try (SocketChannel accepted = server.accept()) {
          sink.write(bytes("two\n"));
          assertThat(read(accepted, 8)).isEqualTo("one\ntwo\n");
        }
        assertThatThrownBy(() -> sink.write(bytes("lost\n"))).isInstanceOf(IOException.class);
        sink.write(bytes("three\n"));
        try (SocketChannel accepted = server.accept()) {
          assertThat(read(accepted, 6)).isEqualTo("three\n");
        }
      }
    }
  }

  @Test
  void aListenerThatDoesNotReadIsLeft() throws IOException {
    Path path = directory.resolve("s");
    try (ServerSocketChannel server = listen(path);
        SocketSink sink = new SocketSink(path)) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1000; i++) {
                  sink.write(new byte[100_000]);
                }
              })
          .isInstanceOf(IOException.class)
          .hasMessageContaining("does not keep up");
      assertThat(server.isOpen()).isTrue();
    }
  }

  private static ServerSocketChannel listen(Path path) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(path));
    return server;
  }

  private static String read(SocketChannel channel, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
      // Until all is there.
    }
    return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
  }

  private String files() throws IOException {
    TreeMap<String, String> contents = new TreeMap<>();
    try (Stream<Path> all = Files.list(directory)) {
      for (Path path : all.toList()) {
        contents.put(path.getFileName().toString(), Files.readString(path));
      }
    }
    return contents.toString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
