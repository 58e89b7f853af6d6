package io.portolan.linux.unix;

import static io.portolan.linux.ffi.SystemCallException.check;

import io.portolan.linux.ffi.BufferPool;
import io.portolan.linux.ffi.Errno;
import io.portolan.linux.ffi.SystemCalls;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** An accepted connection; blocking, for one thread. */
public final class UnixConnection implements ByteChannel {
  private final SystemCalls calls;
  private final int fd;
  private boolean closed;
  private Optional<Long> readBy = Optional.empty();

  UnixConnection(SystemCalls calls, int fd) {
    this.calls = calls;
    this.fd = fd;
  }

  /**
   * The user the peer was when it connected, by its number.
   *
   * @throws io.portolan.linux.ffi.SystemCallException if the kernel does not say
   */
  public int peerUser() {
    return check(calls.peerUser(fd), "SO_PEERCRED");
  }

  /** From now on everything must be read within {@code time}. Writing is not limited. */
  public void readWithin(Duration time) {
    readBy = Optional.of(System.nanoTime() + time.toNanos());
  }

  /**
   * Reads at least one byte.
   *
   * @return how many, at most 64 KiB; -1 at the end
   * @throws SocketTimeoutException if the time of {@link #readWithin} is up
   */
  @Override
  public int read(ByteBuffer into) throws IOException {
    return through(buffer -> {
      buffer.limit(Math.min(into.remaining(), buffer.capacity()));
      int flags = readBy.isPresent() ? SystemCalls.MSG_DONTWAIT : 0;
      int count = calls.recv(fd, buffer, flags);
      while (count == -Errno.EAGAIN || count == -Errno.EINTR) {
        if (count == -Errno.EAGAIN) {
          awaitData();
        }
        count = calls.recv(fd, buffer, flags);
      }
      failIfNegative(count, "read");
      into.put(buffer.limit(count));
      return count == 0 && into.hasRemaining() ? -1 : count;
    });
  }

  private void awaitData() throws SocketTimeoutException {
    long left = readBy.orElseThrow() - System.nanoTime();
    if (left <= 0) {
      throw new SocketTimeoutException("the peer did not send all in time");
    }
    int millis = (int) Math.min(TimeUnit.NANOSECONDS.toMillis(left) + 1, Integer.MAX_VALUE);
    int result = calls.awaitReadable(fd, -1, millis);
    if (result != -Errno.EINTR) {
      check(result, "poll");
    }
  }

  /**
   * Writes some.
   *
   * @return how many bytes, at most 64 KiB
   * @throws IOException if the peer is gone
   */
  @Override
  public int write(ByteBuffer from) throws IOException {
    return through(buffer -> {
      buffer.put(from.slice(from.position(), Math.min(from.remaining(), buffer.capacity()))).flip();
      int count = calls.send(fd, buffer, SystemCalls.MSG_NOSIGNAL);
      while (count == -Errno.EINTR) {
        count = calls.send(fd, buffer, SystemCalls.MSG_NOSIGNAL);
      }
      failIfNegative(count, "write");
      from.position(from.position() + count);
      return count;
    });
  }

  private interface Transfer {
    int run(ByteBuffer buffer) throws IOException;
  }

  private int through(Transfer transfer) throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    ByteBuffer buffer = BufferPool.take();
    try {
      return transfer.run(buffer);
    } finally {
      BufferPool.giveBack(buffer);
    }
  }

  private static void failIfNegative(int result, String what) throws IOException {
    if (result < 0) {
      throw new IOException(what + ": " + Errno.describe(-result));
    }
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      var _ = calls.close(fd);
    }
  }
}
