package io.portolan.linux.netlink;

import static io.portolan.linux.ffi.SystemCallException.check;

import io.portolan.linux.ffi.Errno;
import io.portolan.linux.ffi.SystemCalls;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Notifications of multicast groups in one network namespace.
 *
 * <p>One thread reads; any thread may {@link #send}, and {@link #close}, which makes the reader
 * return at once.
 */
public final class NetlinkSubscription implements AutoCloseable {
  private final NetlinkChannel channel;
  private final int wake;
  private final ReentrantLock reading = new ReentrantLock();
  private final ReentrantLock sending = new ReentrantLock();
  private final AtomicBoolean closing = new AtomicBoolean();
  private volatile boolean closed;

  /** What {@link #receive} came back with. */
  public enum Outcome {
    /** Messages were handed over. */
    RECEIVED,
    /** The time was up. */
    IDLE,
    /** The kernel dropped notifications (ENOBUFS): whatever is built on them must be read anew. */
    OVERRUN,
    /** The subscription is closed. */
    CLOSED
  }

  private NetlinkSubscription(NetlinkChannel channel, int wake) {
    this.channel = channel;
    this.wake = wake;
  }

  /**
   * Joins groups in the network namespace of the calling thread. What happens afterwards is
   * received, so read the present state after this.
   *
   * @param groups numbers such as RTNLGRP_LINK
   */
  public static NetlinkSubscription open(
      NetlinkProtocol protocol, NetlinkBuffers buffers, int... groups) {
    NetlinkChannel channel = NetlinkChannel.open(protocol, buffers);
    try {
      for (int group : groups) {
        channel.join(group);
      }
      return new NetlinkSubscription(channel, wake());
    } catch (RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Asks the kernel, in the network namespace of the calling thread, to send to this subscription:
   * for families without multicast groups, as netfilter's logs. What it sends before the requests
   * are answered is passed over.
   *
   * @param requests all of them must succeed
   * @throws NetlinkException if one does not
   */
  public static NetlinkSubscription open(
      NetlinkProtocol protocol, NetlinkBuffers buffers, NetlinkBatch requests) {
    NetlinkSocket socket = NetlinkSocket.open(protocol, buffers);
    try {
      socket.execute(requests).throwIfFailed();
      // From here on the descriptor is the subscription's.
      return new NetlinkSubscription(socket.channel(), wake());
    } catch (RuntimeException | Error e) {
      socket.close();
      throw e;
    }
  }

  private static int wake() {
    return check(
        SystemCalls.linux().eventfd(0, SystemCalls.EFD_CLOEXEC | SystemCalls.EFD_NONBLOCK),
        "eventfd");
  }

  /**
   * Waits for the next datagram and hands its messages to {@code each}.
   *
   * @param timeout how long to wait; at most about 24 days
   */
  public Outcome receive(Duration timeout, Consumer<NetlinkMessage> each) {
    reading.lock();
    try {
      int length = closed ? 0 : channel.receive();
      if (length == -Errno.EAGAIN) {
        channel.await(wake, (int) Math.min(Integer.MAX_VALUE, timeout.toMillis()));
        length = closed ? 0 : channel.receive();
      }
      if (closed) {
        return Outcome.CLOSED;
      }
      if (length == -Errno.EAGAIN) {
        return Outcome.IDLE;
      }
      if (length == -Errno.ENOBUFS) {
        return Outcome.OVERRUN;
      }
      if (length < 0) {
        throw new NetlinkException("receive notifications", -length);
      }
      deliver(length, each);
      return Outcome.RECEIVED;
    } finally {
      reading.unlock();
    }
  }

  /**
   * Sends a message from the port that receives, for what the kernel takes from no other port.
   * Nothing waits for an answer: a refusal comes as a message to {@link #receive}.
   *
   * @param requests that fit one datagram; passed over when closed
   * @throws NetlinkException if they could not be sent
   */
  public void send(NetlinkBatch requests) {
    // Not the reader's lock, which it holds while it waits.
    sending.lock();
    try {
      if (closed || requests.isEmpty()) {
        return;
      }
      int last = requests.size() - 1;
      int result = channel.send(requests.array(), requests.start(0), requests.end(last));
      if (result < 0) {
        throw new NetlinkException(requests.describe(0) + ": send", -result);
      }
    } finally {
      sending.unlock();
    }
  }

  private void deliver(int length, Consumer<NetlinkMessage> each) {
    ByteBuffer bytes = channel.received();
    int start = 0;
    while (!closed && length - start >= NetlinkHeader.BYTES) {
      NetlinkMessage message = NetlinkMessage.at(bytes, start, length);
      each.accept(message);
      start = message.nextStart(length);
    }
  }

  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    closed = true;
    // The reader sees the counter, finds closed set and leaves; only then may the descriptors go,
    // or
    // it could wait on a number that means another file by then.
    var _ = SystemCalls.linux().signal(wake);
    reading.lock();
    sending.lock();
    try {
      channel.close();
      var _ = SystemCalls.linux().close(wake);
    } finally {
      sending.unlock();
      reading.unlock();
    }
  }
}
