package io.portolan.policy.reports;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * A stream socket that another program listens at. A listener that does not keep up loses lines and
 * the connection, as half a line is of no use; the next write connects anew.
 */
public final class SocketSink implements FlowSink {
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final Path path;
  private Optional<SocketChannel> open = Optional.empty();

  public SocketSink(Path path) {
    this.path = path;
  }

  @Override
  public void write(byte[] lines) throws IOException {
    try (Selector selector = Selector.open()) {
      SocketChannel channel = channel();
      channel.register(selector, SelectionKey.OP_WRITE);
      ByteBuffer left = ByteBuffer.wrap(lines);
      while (left.hasRemaining()) {
        if (channel.write(left) == 0 && selector.select(PATIENCE.toMillis()) == 0) {
          throw new IOException("the listener at " + path + " does not keep up");
        }
        selector.selectedKeys().clear();
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private SocketChannel channel() throws IOException {
    if (open.isPresent()) {
      return open.get();
    }
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    open = Optional.of(channel);
    channel.connect(UnixDomainSocketAddress.of(path));
    channel.configureBlocking(false);
    return channel;
  }

  @Override
  public void close() {
    open.ifPresent(channel -> {
      try {
        channel.close();
      } catch (IOException e) {
        // It is of no use any more.
      }
    });
    open = Optional.empty();
  }
}
