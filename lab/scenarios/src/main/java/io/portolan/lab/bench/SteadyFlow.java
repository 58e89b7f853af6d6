package io.portolan.lab.bench;

import io.portolan.linux.netns.NetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A flow that sends a growing number every millisecond from one network namespace to another, and
 * knows when the last one arrived.
 *
 * <p>Its counts may be read by any thread while it runs.
 */
final class SteadyFlow implements AutoCloseable {
  private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int CONNECT_MILLIS = 10_000;
  private static final int RECEIVE_BYTES = 1 << 20;

  private final ByteChannel near;
  private final ByteChannel far;
  private final Thread sender;
  private final Thread receiver;
  private volatile boolean ending;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong delivered = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private volatile long lastDelivery = System.nanoTime();

  private SteadyFlow(String name, ByteChannel near, ByteChannel far) {
    this.near = near;
    this.far = far;
    sender = Thread.ofPlatform().name("send " + name).daemon().start(this::send);
    receiver = Thread.ofPlatform().name("receive " + name).daemon().start(this::receive);
  }

  /**
   * A connection; each number is a segment of its own.
   *
   * @throws IOException if it does not come about within ten seconds
   */
  static SteadyFlow tcp(NetworkNamespace from, NetworkNamespace to, InetSocketAddress target)
      throws IOException {
    try (ServerSocketChannel listener =
        to.<ServerSocketChannel, IOException>call(() -> ServerSocketChannel.open().bind(target))) {
      SocketChannel near = from.<SocketChannel, IOException>call(SocketChannel::open);
      near.setOption(StandardSocketOptions.TCP_NODELAY, true);
      near.socket().connect(target, CONNECT_MILLIS);
      return new SteadyFlow("TCP to " + target, near, listener.accept());
    }
  }

  /** Datagrams from one socket to another. */
  static SteadyFlow udp(NetworkNamespace from, NetworkNamespace to, InetSocketAddress target)
      throws IOException {
    DatagramChannel far = to.<DatagramChannel, IOException>call(SteadyFlow::datagrams).bind(target);
    // What waits here while the machine is busy is not lost.
    far.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BYTES);
    DatagramChannel near =
        from.<DatagramChannel, IOException>call(() -> datagrams().connect(target));
    far.connect(near.getLocalAddress());
    return new SteadyFlow("UDP to " + target, near, far);
  }

  private static DatagramChannel datagrams() throws IOException {
    return DatagramChannel.open(StandardProtocolFamily.INET);
  }

  private void send() {
    ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES);
    long due = System.nanoTime();
    try {
      while (!ending) {
        near.write(buffer.clear().putLong(sent.get()).flip());
        sent.incrementAndGet();
        // After a time in which this thread did not run, nothing is made up for.
        due = Math.max(due + INTERVAL_NANOS, System.nanoTime());
        LockSupport.parkNanos(due - System.nanoTime());
      }
    } catch (IOException e) {
      fail(e);
    }
  }

  private void receive() {
    ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES);
    try {
      for (long next = 0; !ending; ) {
        buffer.clear();
        while (buffer.hasRemaining()) {
          if (far.read(buffer) < 0) {
            return;
          }
        }
        lastDelivery = System.nanoTime();
        long number = buffer.flip().getLong();
        lost.addAndGet(number - next);
        next = number + 1;
        delivered.incrementAndGet();
      }
    } catch (IOException e) {
      fail(e);
    }
  }

  private void fail(IOException e) {
    if (!ending) {
      throw new IllegalStateException("a flow broke that policy only keeps silent", e);
    }
  }

  /** How many numbers were sent. */
  long sent() {
    return sent.get();
  }

  /** How many arrived. */
  long delivered() {
    return delivered.get();
  }

  /** How many were passed over by a later one. */
  long lost() {
    return lost.get();
  }

  /** When the last number arrived, as {@link System#nanoTime}. */
  long lastDelivery() {
    return lastDelivery;
  }

  /** Whether numbers have arrived within so much time. */
  boolean isAlive(long nanos) {
    return System.nanoTime() - lastDelivery < nanos;
  }

  @Override
  public void close() throws IOException {
    ending = true;
    near.close();
    far.close();
    try {
      sender.join();
      receiver.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
