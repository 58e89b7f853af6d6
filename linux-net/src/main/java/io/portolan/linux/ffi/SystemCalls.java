package io.portolan.linux.ffi;

import java.nio.ByteBuffer;

/**
 * The system calls this library stands on.
 *
 * <p>Every method returns what the call returned, or the negative errno of this very call. Buffers
 * must be direct: the kernel reads and writes them in place, from position to limit, and positions
 * do not move.
 *
 * <p>Calls block the carrier of a virtual thread; {@link #setns} and {@link #unshare} change the
 * <em>operating system thread</em> they run on and must only be made on a platform thread that ends
 * afterwards.
 */
public interface SystemCalls {
  int AF_UNIX = 1;
  int AF_INET = 2;
  int AF_INET6 = 10;
  int AF_NETLINK = 16;
  int AF_PACKET = 17;
  int SOCK_STREAM = 1;
  int SOCK_RAW = 3;
  int SOCK_CLOEXEC = 0x80000;
  int SOL_SOCKET = 1;
  int SO_PEERCRED = 17;
  int SO_SNDBUF = 7;
  int SO_RCVBUF = 8;
  int SO_SNDBUFFORCE = 32;
  int SO_RCVBUFFORCE = 33;
  int MSG_TRUNC = 0x20;
  int MSG_DONTWAIT = 0x40;
  int MSG_NOSIGNAL = 0x4000;
  int SHUT_RDWR = 2;
  int O_RDONLY = 0;
  int O_CLOEXEC = 0x80000;
  int CLONE_NEWNET = 0x4000_0000;
  int MS_BIND = 0x1000;
  int MNT_DETACH = 2;
  int EFD_CLOEXEC = 0x80000;
  int EFD_NONBLOCK = 0x800;
  int MADV_PAGEOUT = 21;

  /** {@code _IO(0xb7, 3)}: which kind of namespace a descriptor stands for (ioctl_ns(2)). */
  int NS_GET_NSTYPE = 0xb703;

  /**
   * The calls of this machine's C library. The first use binds it, which takes a few hundred
   * milliseconds.
   *
   * @throws IllegalStateException if native code cannot be reached; the message names the JVM flag
   *     that permits it
   */
  static SystemCalls linux() {
    return JnrSystemCalls.Bound.calls();
  }

  int socket(int domain, int type, int protocol);

  int bind(int fd, ByteBuffer address);

  int listen(int fd, int backlog);

  /**
   * Waits for a connection. Of several threads that wait at one descriptor the kernel wakes one.
   *
   * @param flags {@link #SOCK_CLOEXEC}
   * @return the connection's descriptor
   */
  int accept(int fd, int flags);

  /** Ends a connection; at a listening socket, every {@link #accept} (EINVAL). */
  int shutdown(int fd, int how);

  /** The user a Unix socket's peer was when it connected ({@link #SO_PEERCRED}), by its number. */
  int peerUser(int fd);

  /** Fills {@code address} with the socket's own address. */
  int getsockname(int fd, ByteBuffer address);

  /** Sets an option whose value is an int. */
  int setsockopt(int fd, int level, int option, int value);

  /** Reads an option whose value is a non-negative int. */
  int getsockopt(int fd, int level, int option);

  int send(int fd, ByteBuffer data, int flags);

  /**
   * @param address to whom, as a sockaddr
   */
  int sendto(int fd, ByteBuffer data, int flags, ByteBuffer address);

  int recv(int fd, ByteBuffer into, int flags);

  int open(String path, int flags);

  int close(int fd);

  /** The inode number behind a descriptor (statx(2)). */
  long inode(int fd);

  int setns(int fd, int type);

  int unshare(int flags);

  int mount(String source, String target, String type, long flags);

  int umount2(String target, int flags);

  /** An ioctl without an argument. */
  int ioctl(int fd, long request);

  /**
   * Keeps the calling operating system thread, and threads it starts, on the processor it runs on;
   * for a platform thread that ends afterwards.
   */
  int pinThread();

  /**
   * @param address of a page's first byte in this process
   */
  int madvise(long address, long length, int advice);

  /** A counter descriptor, to wake a thread that is in {@link #awaitReadable}. */
  int eventfd(int initial, int flags);

  /** Adds one to an {@link #eventfd}. */
  int signal(int eventfd);

  /**
   * Waits until one of two descriptors is readable or in error.
   *
   * @param second -1 for none
   * @param timeoutMillis -1 for no limit
   * @return bit 0 for the first, bit 1 for the second, 0 when the time is up
   */
  int awaitReadable(int first, int second, int timeoutMillis);
}
