package io.portolan.linux.netns;

import io.portolan.linux.ffi.Errno;
import io.portolan.linux.ffi.SystemCalls;
import io.portolan.linux.netlink.NetlinkBuffers;
import io.portolan.linux.netlink.NetlinkProtocol;
import io.portolan.linux.netlink.NetlinkSocket;
import io.portolan.linux.netns.NamespaceException.Reason;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * An open handle of a network namespace. While it is open the namespace lives, even if its path is
 * removed.
 *
 * <p>Handles may be used by any number of threads; {@link #close} is for the last one.
 */
public final class NetworkNamespace implements AutoCloseable {
  private static final int O_NONBLOCK = 0x800;
  private static final String OWN = "/proc/thread-self/ns/net";

  private final String name;
  private final int fd;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** 0 until somebody asks; it never changes. */
  private volatile long inode;

  private NetworkNamespace(String name, int fd) {
    this.name = name;
    this.fd = fd;
  }

  /**
   * Makes a namespace and binds it to {@code path}, where it stays until {@link #delete}. An empty
   * file there, as a crash leaves it, is used; missing directories are made. The loopback of a new
   * namespace is down.
   *
   * @throws NamespaceException EXISTS if a namespace is there, NOT_A_NAMESPACE if something else is
   */
  public static NetworkNamespace create(Path path) {
    NamespaceMount.reserve(path);
    try {
      return ThrowawayThread.call(
          "netns-create",
          () -> {
            unshare();
            // A crash before this line leaves an empty file, after it a whole namespace; both can
            // be deleted.
            NamespaceMount.bind(OWN, path);
            return open(path);
          });
    } catch (NamespaceException e) {
      NamespaceMount.delete(path);
      throw e;
    }
  }

  /**
   * Makes a namespace without a path; it ends when its last handle, socket and process have gone.
   */
  public static NetworkNamespace anonymous() {
    return ThrowawayThread.call(
        "netns-create",
        () -> {
          unshare();
          return open("anonymous", OWN);
        });
  }

  /**
   * Opens the namespace at {@code path}, such as {@code /run/netns/a} or {@code /proc/1/ns/net}.
   *
   * @throws NamespaceException MISSING or NOT_A_NAMESPACE
   */
  public static NetworkNamespace open(Path path) {
    return open(path.toString(), path.toString());
  }

  /**
   * Opens the namespace of a process.
   *
   * @throws NamespaceException MISSING if there is no such process
   */
  public static NetworkNamespace ofProcess(long pid) {
    return open("of process " + pid, "/proc/" + pid + "/ns/net");
  }

  /** Opens the namespace of the calling thread. */
  public static NetworkNamespace current() {
    return open("of this thread", OWN);
  }

  /**
   * Removes a namespace's path, or an empty file a crash left in its place. The namespace ends when
   * nothing uses it any more.
   *
   * @return false if nothing was there
   * @throws NamespaceException NOT_A_NAMESPACE if something else is there, which stays
   */
  public static boolean delete(Path path) {
    return NamespaceMount.delete(path);
  }

  private static NetworkNamespace open(String name, String path) {
    SystemCalls calls = SystemCalls.linux();
    // Non-blocking, or a FIFO in the place of a namespace would stop the caller for ever.
    int fd = calls.open(path, SystemCalls.O_RDONLY | SystemCalls.O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
      throw NamespaceException.of("open", name, -fd);
    }
    int type = calls.ioctl(fd, SystemCalls.NS_GET_NSTYPE);
    if (type != SystemCalls.CLONE_NEWNET) {
      calls.close(fd);
      throw new NamespaceException(
          Reason.NOT_A_NAMESPACE,
          name
              + (type < 0 ? " is no namespace" : " is a namespace of another kind than network")
              + "; expected something like /run/netns/NAME or /proc/PID/ns/net");
    }
    return new NetworkNamespace(name, fd);
  }

  static boolean isNamespace(Path path) {
    try {
      open(path).close();
      return true;
    } catch (NamespaceException e) {
      return false;
    }
  }

  private static void unshare() {
    int result = SystemCalls.linux().unshare(SystemCalls.CLONE_NEWNET);
    if (result < 0) {
      throw new NamespaceException(
          result == -Errno.EPERM ? Reason.DENIED : Reason.FAILED,
          "create network namespace: "
              + Errno.describe(-result)
              + (result == -Errno.EPERM
                  ? "; needs CAP_SYS_ADMIN, or a user namespace (unshare -Urnm)"
                  : ""));
    }
  }

  /**
   * Runs {@code action} inside the namespace and waits for it, on a thread of its own that ends
   * with it. Sockets, channels and processes it opens belong to the namespace and may be used
   * outside; /proc/sys/net is the namespace's while it runs.
   *
   * @throws E what {@code action} throws
   * @throws NamespaceException if the namespace cannot be entered
   */
  public <T extends @Nullable Object, E extends Exception> T call(NamespaceAction<T, E> action)
      throws E {
    return ThrowawayThread.<T, E>call(
        "netns " + name,
        () -> {
          enter();
          return action.run();
        });
  }

  /** As {@link #call}, without a result. */
  public <E extends Exception> void run(NamespaceStep<E> step) throws E {
    this.<@Nullable Void, E>call(() -> {
      step.run();
      return null;
    });
  }

  /**
   * As {@link #run}, without a thread for it where that is safe: a platform thread goes into the
   * namespace and comes back, which saves a tenth of a millisecond; a virtual thread must not, as
   * others run on its carrier.
   *
   * @param home the namespace of the calling thread
   * @throws StrandedThreadError if the kernel does not let the thread back; it must end
   */
  public <E extends Exception> void visit(NetworkNamespace home, NamespaceStep<E> step) throws E {
    if (Thread.currentThread().isVirtual()) {
      run(step);
      return;
    }
    enter();
    try {
      step.run();
    } finally {
      home.comeBack();
    }
  }

  private void comeBack() {
    int result = SystemCalls.linux().setns(descriptor(), SystemCalls.CLONE_NEWNET);
    if (result < 0) {
      throw new StrandedThreadError("return to network namespace: " + Errno.describe(-result));
    }
  }

  /** Opens a netlink socket inside the namespace, to be used from anywhere. */
  public NetlinkSocket socket(NetlinkProtocol protocol) {
    return socket(protocol, NetlinkBuffers.DEFAULT);
  }

  public NetlinkSocket socket(NetlinkProtocol protocol, NetlinkBuffers buffers) {
    return call(() -> NetlinkSocket.open(protocol, buffers));
  }

  private void enter() {
    int result = SystemCalls.linux().setns(descriptor(), SystemCalls.CLONE_NEWNET);
    if (result < 0) {
      throw NamespaceException.of("enter", name, -result);
    }
  }

  /**
   * The open file descriptor, for messages that name a namespace by it. Valid until {@link #close}.
   *
   * @throws IllegalStateException if closed
   */
  public int descriptor() {
    if (closed.get()) {
      throw new IllegalStateException("the handle of network namespace " + name + " is closed");
    }
    return fd;
  }

  /** A path by which other processes of this user reach the namespace while this handle is open. */
  public Path descriptorPath() {
    return Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + descriptor());
  }

  /**
   * The kernel's number of the namespace: equal for all handles of one namespace, reused after it
   * has ended.
   */
  public long inode() {
    if (inode == 0) {
      long found = SystemCalls.linux().inode(descriptor());
      if (found < 0) {
        throw NamespaceException.of("inode", name, (int) -found);
      }
      inode = found;
    }
    return inode;
  }

  public boolean isSameAs(NetworkNamespace other) {
    return inode() == other.inode();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      var _ = SystemCalls.linux().close(fd);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
