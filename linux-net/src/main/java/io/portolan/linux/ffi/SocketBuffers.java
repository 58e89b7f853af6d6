package io.portolan.linux.ffi;

import static io.portolan.linux.ffi.SystemCallException.check;

/**
 * Kernel buffers of sockets. The forced size needs privilege over the machine; root of a user
 * namespace gets what the system-wide limit allows.
 */
public final class SocketBuffers {
  private SocketBuffers() {}

  /**
   * @param name the socket's, for the error
   * @throws SystemCallException if the kernel refuses any size
   */
  public static void receive(SystemCalls calls, int fd, int bytes, String name) {
    size(calls, fd, SystemCalls.SO_RCVBUFFORCE, SystemCalls.SO_RCVBUF, bytes, name);
  }

  /** As {@link #receive}, for what is sent. */
  public static void send(SystemCalls calls, int fd, int bytes, String name) {
    size(calls, fd, SystemCalls.SO_SNDBUFFORCE, SystemCalls.SO_SNDBUF, bytes, name);
  }

  private static void size(
      SystemCalls calls, int fd, int forced, int limited, int bytes, String name) {
    if (calls.setsockopt(fd, SystemCalls.SOL_SOCKET, forced, bytes) < 0) {
      check(calls.setsockopt(fd, SystemCalls.SOL_SOCKET, limited, bytes), name + ": buffer size");
    }
  }
}
