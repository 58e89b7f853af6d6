package io.portolan.linux.unix;

import static io.portolan.linux.ffi.SystemCallException.check;

import io.portolan.linux.ffi.Errno;
import io.portolan.linux.ffi.SystemCallException;
import io.portolan.linux.ffi.SystemCalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A listening stream socket. Any number of threads may wait in {@link #accept} at once; each waits
 * in the kernel, and with that a virtual thread keeps its carrier.
 */
public final class UnixListener implements AutoCloseable {
  /** sun_path of linux/un.h, less the terminating zero. */
  public static final int MAX_PATH = 107;

  private final SystemCalls calls;
  private final int fd;

  // Guarded by this. The descriptor's number must not be given again while a thread is in a call.
  private int users;
  private boolean closed;

  private UnixListener(SystemCalls calls, int fd) {
    this.calls = calls;
    this.fd = fd;
  }

  /**
   * Listens at {@code path}, which must not exist. Its mode is what the process's umask leaves of
   * 0777: make it in a directory nobody else can enter, narrow it, then move it to its place.
   *
   * @param backlog connections that wait to be accepted, at most
   * @throws IOException if the path exists, is longer than {@link #MAX_PATH} bytes or cannot be
   *     made
   */
  public static UnixListener bind(Path path, int backlog) throws IOException {
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    if (name.length > MAX_PATH) {
      throw new IOException(
          "the socket's path " + path + " has " + name.length + " bytes, at most " + MAX_PATH);
    }
    SystemCalls calls = SystemCalls.linux();
    int fd = -1;
    try {
      fd =
          check(
              calls.socket(
                  SystemCalls.AF_UNIX, SystemCalls.SOCK_STREAM | SystemCalls.SOCK_CLOEXEC, 0),
              "socket");
      // struct sockaddr_un { u16 family; char path[108]; };
      ByteBuffer address =
          ByteBuffer.allocateDirect(2 + name.length + 1).order(ByteOrder.nativeOrder());
      address.putShort((short) SystemCalls.AF_UNIX).put(name).put((byte) 0).flip();
      check(calls.bind(fd, address), "bind " + path);
      check(calls.listen(fd, backlog), "listen at " + path);
      return new UnixListener(calls, fd);
    } catch (SystemCallException e) {
      if (fd >= 0) {
        var _ = calls.close(fd);
      }
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * Waits for a connection.
   *
   * @throws ClosedChannelException once {@link #close} was called
   * @throws IOException if the kernel cannot give one, as when the process has too many files open
   */
  public UnixConnection accept() throws IOException {
    enter();
    try {
      int result;
      do {
        result = calls.accept(fd, SystemCalls.SOCK_CLOEXEC);
      } while (result == -Errno.EINTR || result == -Errno.ECONNABORTED);
      if (result < 0) {
        if (isClosed()) {
          throw new ClosedChannelException();
        }
        throw new IOException("accept: " + Errno.describe(-result));
      }
      return new UnixConnection(calls, result);
    } finally {
      leave();
    }
  }

  private synchronized void enter() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
    users++;
  }

  private synchronized void leave() {
    users--;
    closeIfUnused();
  }

  public synchronized boolean isClosed() {
    return closed;
  }

  /** Ends every {@link #accept}. The path stays. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      var _ = calls.shutdown(fd, SystemCalls.SHUT_RDWR);
      closeIfUnused();
    }
  }

  private synchronized void closeIfUnused() {
    if (closed && users == 0) {
      var _ = calls.close(fd);
    }
  }
}
