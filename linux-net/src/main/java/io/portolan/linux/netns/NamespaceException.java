package io.portolan.linux.netns;

import io.portolan.linux.ffi.Errno;

/** A network namespace could not be made, found, entered or removed. */
public final class NamespaceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong, for those who must answer differently. */
  public enum Reason {
    /** Nothing is at the path, or the process is gone. */
    MISSING,
    /** Something else is at the path. */
    NOT_A_NAMESPACE,
    /** A namespace is at the path already. */
    EXISTS,
    /** The process may not; it needs CAP_SYS_ADMIN in its user namespace. */
    DENIED,
    /** Anything else the kernel said. */
    FAILED
  }

  private final Reason reason;

  NamespaceException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  NamespaceException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** The failure of a system call on {@code name}. */
  static NamespaceException of(String action, String name, int errno) {
    Reason reason =
        switch (errno) {
          case Errno.ENOENT, Errno.ESRCH, Errno.ENOTDIR -> Reason.MISSING;
          case Errno.EPERM, Errno.EACCES -> Reason.DENIED;
          default -> Reason.FAILED;
        };
    return new NamespaceException(
        reason, action + " network namespace " + name + ": " + Errno.describe(errno));
  }

  public Reason reason() {
    return reason;
  }
}
