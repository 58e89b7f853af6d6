package io.portolan.linux.unix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixListenerTest {
  @TempDir Path directory;

  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  private Path path() {
    return directory.resolve("s");
  }

  private SocketChannel connect() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(path()));
    return channel;
  }

  private static String read(UnixConnection connection, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining() && connection.read(bytes) >= 0) {}
    return new String(bytes.array(), 0, bytes.position(), UTF_8);
  }

  @Test
  void carriesBytesBothWaysAndTellsThePeersUser() throws Exception {
    try (UnixListener listener = UnixListener.bind(path(), 8);
        SocketChannel client = connect();
        UnixConnection server = listener.accept()) {
      String text = "x".repeat(300_000) + "end";
      Future<String> received = threads.submit(() -> read(server, text.length()));
      client.write(ByteBuffer.wrap(text.getBytes(UTF_8)));
      assertThat(received.get(10, TimeUnit.SECONDS)).isEqualTo(text);

      Future<Integer> echoed =
          threads.submit(() -> {
            ByteBuffer answer = ByteBuffer.wrap(text.getBytes(UTF_8));
            while (answer.hasRemaining()) {
              server.write(answer);
            }
            return answer.position();
          });
      ByteBuffer back = ByteBuffer.allocate(text.length());
      while (back.hasRemaining() && client.read(back) >= 0) {}
      assertThat(echoed.get(10, TimeUnit.SECONDS)).isEqualTo(text.length());
      assertThat(new String(back.array(), UTF_8)).isEqualTo(text);
      assertThat(server.peerUser()).isEqualTo(Files.getAttribute(directory, "unix:uid"));

      client.close();
      assertThat(server.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
  }

  @Test
  void aPeerThatSaysTooLittleIsGivenUp() throws Exception {
    try (UnixListener listener = UnixListener.bind(path(), 8);
        SocketChannel client = connect();
        UnixConnection server = listener.accept()) {
      server.readWithin(Duration.ofMillis(50));
      client.write(ByteBuffer.wrap(new byte[] {'a', 'b'}));

      assertThat(read(server, 2)).isEqualTo("ab");
      assertThatThrownBy(() -> read(server, 1)).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void aPeerThatIsGoneFailsTheWrite() throws Exception {
    try (UnixListener listener = UnixListener.bind(path(), 8);
        SocketChannel client = connect();
        UnixConnection server = listener.accept()) {
      client.close();

      assertThatThrownBy(() -> server.write(ByteBuffer.allocate(1)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("EPIPE");
    }
  }

  @Test
  void severalThreadsAcceptAndAllEndWithTheListener() throws Exception {
    List<Future<Integer>> accepted = new ArrayList<>();
    UnixListener listener = UnixListener.bind(path(), 128);
    Callable<Integer> acceptor =
        () -> {
          int count = 0;
          try {
            while (true) {
              listener.accept().close();
              count++;
            }
          } catch (ClosedChannelException e) {
            return count;
          }
        };
    for (int i = 0; i < 4; i++) {
      accepted.add(threads.submit(acceptor));
    }
    for (int i = 0; i < 100; i++) {
      try (SocketChannel client = connect()) {
        assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      }
    }
    listener.close();

    int sum = 0;
    for (Future<Integer> each : accepted) {
      sum += each.get(10, TimeUnit.SECONDS);
    }
    assertThat(sum).isEqualTo(100);
    assertThatThrownBy(listener::accept).isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void refusesWhatCannotBeBound() throws IOException {
    Files.createFile(path());
    assertThatThrownBy(() -> UnixListener.bind(path(), 8))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("EADDRINUSE");
    assertThatThrownBy(() -> UnixListener.bind(directory.resolve("n".repeat(108)), 8))
        .hasMessageContaining("at most 107");
  }

  @Test
  void endsAnAcceptThatWaits() throws Exception {
    UnixListener listener = UnixListener.bind(path(), 8);
    Thread waiting =
        Thread.ofPlatform()
            .start(() -> {
              try {
                listener.accept();
              } catch (IOException e) {
                // What is waited for.
              }
            });
    listener.close();
    assertThat(waiting.join(Duration.ofSeconds(10))).isTrue();
  }
}
