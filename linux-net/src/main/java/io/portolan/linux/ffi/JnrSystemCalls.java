package io.portolan.linux.ffi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import org.jspecify.annotations.Nullable;

/** The C library through jnr-ffi. */
final class JnrSystemCalls implements SystemCalls {
  private static final int POLLIN = 1;
  private static final int POLLFD_BYTES = 8;
  private static final int CPU_SET_BYTES = 128;

  // struct statx of linux/stat.h, the same on every architecture
  private static final int STATX_BYTES = 256;
  private static final int STX_INO = 32;
  private static final int STATX_INO = 0x100;
  private static final int AT_EMPTY_PATH = 0x1000;

  /**
   * Signatures of the C library.
   *
   * <p>Public because the generated implementation lives in another class loader; out of reach all
   * the same, nested in a package-private class.
   */
  public interface C {
    int socket(int domain, int type, int protocol);

    int bind(int fd, @In ByteBuffer address, int length);

    int listen(int fd, int backlog);

    int accept4(int fd, @Nullable Pointer address, @Nullable Pointer length, int flags);

    int shutdown(int fd, int how);

    int getsockname(int fd, @Out ByteBuffer address, int[] length);

    int setsockopt(int fd, int level, int option, @In int[] value, int length);

    int getsockopt(int fd, int level, int option, int[] value, int[] length);

    long send(int fd, ByteBuffer data, long length, int flags);

    long sendto(
        int fd, ByteBuffer data, long length, int flags, @In ByteBuffer address, int addressLength);

    long recv(int fd, ByteBuffer data, long length, int flags);

    int open(String path, int flags);

    int close(int fd);

    int statx(int directory, String path, int flags, int mask, @Out byte[] into);

    int setns(int fd, int type);

    int unshare(int flags);

    int mount(String source, String target, String type, long flags, @In byte[] data);

    int umount2(String target, int flags);

    int ioctl(int fd, long request, long argument);

    int madvise(long address, long length, int advice);

    int eventfd(int initial, int flags);

    long write(int fd, @In byte[] data, long length);

    int poll(byte[] pollfds, long count, int timeoutMillis);

    int sched_getcpu();

    int sched_setaffinity(int thread, long length, @In byte[] mask);
  }

  /** Holder: binding happens at the first call, not when a class that mentions it is loaded. */
  static final class Bound {
    private static final Binding BINDING = bind();

    private Bound() {}

    static SystemCalls calls() {
      return switch (BINDING) {
        case Binding.Done(JnrSystemCalls calls) -> calls;
        case Binding.Failed(Throwable cause) ->
            throw new IllegalStateException(
                "cannot call the C library: start the JVM with --enable-native-access=ALL-UNNAMED"
                    + " on Linux, with a java.io.tmpdir that permits executable files",
                cause);
      };
    }
  }

  /** How binding went; kept, because a class initializer that throws shows its reason only once. */
  private sealed interface Binding {
    record Done(JnrSystemCalls calls) implements Binding {}

    record Failed(Throwable cause) implements Binding {}
  }

  private final C c;
  private final Runtime runtime;

  private JnrSystemCalls(C c) {
    this.c = c;
    this.runtime = Runtime.getRuntime(c);
  }

  private static Binding bind() {
    try {
      return new Binding.Done(
          new JnrSystemCalls(LibraryLoader.create(C.class).failImmediately().load("c")));
    } catch (LinkageError | RuntimeException e) {
      return new Binding.Failed(e);
    }
  }

  /**
   * jnr-ffi keeps errno per thread at the end of each call; nothing may come between the call and
   * this.
   */
  private int result(long returned) {
    return returned < 0 ? -runtime.getLastError() : (int) returned;
  }

  @Override
  public int socket(int domain, int type, int protocol) {
    return result(c.socket(domain, type, protocol));
  }

  @Override
  public int bind(int fd, ByteBuffer address) {
    return result(c.bind(fd, direct(address), address.remaining()));
  }

  @Override
  public int listen(int fd, int backlog) {
    return result(c.listen(fd, backlog));
  }

  @Override
  public int accept(int fd, int flags) {
    return result(c.accept4(fd, null, null, flags));
  }

  @Override
  public int shutdown(int fd, int how) {
    return result(c.shutdown(fd, how));
  }

  @Override
  public int peerUser(int fd) {
    // struct ucred { pid_t pid; uid_t uid; gid_t gid; };
    int[] credentials = new int[3];
    int result =
        result(
            c.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, new int[] {3 * Integer.BYTES}));
    return result < 0 ? result : credentials[1];
  }

  @Override
  public int getsockname(int fd, ByteBuffer address) {
    return result(c.getsockname(fd, direct(address), new int[] {address.remaining()}));
  }

  @Override
  public int setsockopt(int fd, int level, int option, int value) {
    return result(c.setsockopt(fd, level, option, new int[] {value}, Integer.BYTES));
  }

  @Override
  public int getsockopt(int fd, int level, int option) {
    int[] value = {0};
    int result = result(c.getsockopt(fd, level, option, value, new int[] {Integer.BYTES}));
    return result < 0 ? result : value[0];
  }

  @Override
  public int send(int fd, ByteBuffer data, int flags) {
    return result(c.send(fd, direct(data), data.remaining(), flags));
  }

  @Override
  public int sendto(int fd, ByteBuffer data, int flags, ByteBuffer address) {
    return result(
        c.sendto(fd, direct(data), data.remaining(), flags, direct(address), address.remaining()));
  }

  @Override
  public int recv(int fd, ByteBuffer into, int flags) {
    return result(c.recv(fd, direct(into), into.remaining(), flags));
  }

  @Override
  public int open(String path, int flags) {
    return result(c.open(path, flags));
  }

  @Override
  public int close(int fd) {
    return result(c.close(fd));
  }

  @Override
  public long inode(int fd) {
    byte[] answer = new byte[STATX_BYTES];
    int result = result(c.statx(fd, "", AT_EMPTY_PATH, STATX_INO, answer));
    return result < 0
        ? result
        : ByteBuffer.wrap(answer).order(ByteOrder.nativeOrder()).getLong(STX_INO);
  }

  @Override
  public int setns(int fd, int type) {
    return result(c.setns(fd, type));
  }

  @Override
  public int unshare(int flags) {
    return result(c.unshare(flags));
  }

  @Override
  public int mount(String source, String target, String type, long flags) {
    return result(c.mount(source, target, type, flags, new byte[1]));
  }

  @Override
  public int umount2(String target, int flags) {
    return result(c.umount2(target, flags));
  }

  @Override
  public int ioctl(int fd, long request) {
    return result(c.ioctl(fd, request, 0));
  }

  @Override
  public int madvise(long address, long length, int advice) {
    return result(c.madvise(address, length, advice));
  }

  @Override
  public int eventfd(int initial, int flags) {
    return result(c.eventfd(initial, flags));
  }

  @Override
  public int signal(int eventfd) {
    byte[] one = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(1).array();
    return result(c.write(eventfd, one, one.length));
  }

  @Override
  public int pinThread() {
    int processor = result(c.sched_getcpu());
    if (processor < 0) {
      return processor;
    }
    // cpu_set_t of 1024 processors: an array of longs in the machine's byte order.
    ByteBuffer mask = ByteBuffer.allocate(CPU_SET_BYTES).order(ByteOrder.nativeOrder());
    int at = processor / Long.SIZE * Long.BYTES;
    mask.putLong(at, 1L << (processor % Long.SIZE));
    return result(c.sched_setaffinity(0, CPU_SET_BYTES, mask.array()));
  }

  @Override
  public int awaitReadable(int first, int second, int timeoutMillis) {
    // struct pollfd { int fd; short events; short revents; }; poll(2) skips a negative fd.
    ByteBuffer fds = ByteBuffer.allocate(2 * POLLFD_BYTES).order(ByteOrder.nativeOrder());
    fds.putInt(first).putShort((short) POLLIN).putShort((short) 0);
    fds.putInt(second).putShort((short) POLLIN).putShort((short) 0);
    int result = result(c.poll(fds.array(), 2, timeoutMillis));
    if (result < 0) {
      return result;
    }
    return (fds.getShort(6) != 0 ? 1 : 0) | (fds.getShort(14) != 0 ? 2 : 0);
  }

  private static ByteBuffer direct(ByteBuffer buffer) {
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException(
          "the buffer must be direct: the kernel works on it in place");
    }
    return buffer;
  }
}
