package io.portolan.lab.probe;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * TCP connections that talk all the time: each sends a growing number and expects it back. A
 * connection that breaks, or is silent for too long, is remembered as broken.
 */
public final class LongConversations implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final Duration patience;
  private final Queue<AutoCloseable> channels = new ConcurrentLinkedQueue<>();
  private final Queue<String> broken = new ConcurrentLinkedQueue<>();
  private final AtomicLong exchanges = new AtomicLong();
  private final AtomicLong longestGapNanos = new AtomicLong();
  private volatile boolean ending;

  /**
   * @param patience how long an answer may take before the connection counts as broken
   */
  public LongConversations(Duration patience) {
    this.patience = patience;
  }

  /** Echoes everything on every connection that arrives at {@code listener}. */
  public void echoAt(ServerSocketChannel listener) {
    channels.add(listener);
    Thread.ofPlatform().name("echo").daemon().start(() -> accept(listener));
  }

  private void accept(ServerSocketChannel listener) {
    while (!ending) {
      try {
        SocketChannel accepted = listener.accept();
        channels.add(accepted);
        Thread.ofVirtual().start(() -> echo(accepted));
      } catch (IOException e) {
        return; // closed with the lab
      }
    }
  }

  private static void echo(SocketChannel channel) {
    ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES);
    try {
      while (channel.read(buffer) >= 0) {
        buffer.flip();
        channel.write(buffer);
        buffer.clear();
      }
    } catch (IOException e) {
      return; // the other end reports it
    }
  }

  /**
   * Connects and begins to talk.
   *
   * @param channel a blocking channel, opened in the namespace it starts from
   */
  public void talk(String name, SocketChannel channel, InetSocketAddress target)
      throws IOException {
    channel.socket().setTcpNoDelay(true);
    channel.socket().connect(target, (int) patience.toMillis());
    channels.add(channel);
    Thread.ofPlatform().name("talk " + name).daemon().start(() -> converse(name, channel));
  }

  private void converse(String name, SocketChannel channel) {
    ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES);
    try {
      for (long number = 0; !ending; number++) {
        long start = System.nanoTime();
        channel.write(buffer.clear().putLong(number).flip());
        buffer.clear();
        while (buffer.hasRemaining()) {
          if (channel.read(buffer) < 0) {
            throw new EOFException("closed by the other end");
          }
        }
        if (buffer.flip().getLong() != number) {
          throw new IOException("an answer was lost or repeated");
        }
        long nanos = System.nanoTime() - start;
        longestGapNanos.accumulateAndGet(nanos, Math::max);
        exchanges.incrementAndGet();
        if (nanos > patience.toNanos()) {
          throw new IOException("silent for " + nanos / 1_000_000 + " ms");
        }
        Thread.sleep(PAUSE);
      }
    } catch (IOException e) {
      if (!ending) {
        broken.add(name + ": " + e.getMessage());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The connections that broke so far, with the reason. */
  public List<String> broken() {
    return List.copyOf(broken);
  }

  /** Answers received so far, over all connections. */
  public long exchanges() {
    return exchanges.get();
  }

  /** The longest wait for an answer so far. */
  public Duration longestGap() {
    return Duration.ofNanos(longestGapNanos.get());
  }

  @Override
  public void close() throws Exception {
    ending = true;
    for (AutoCloseable channel : List.copyOf(channels)) {
      channel.close();
    }
  }
}
