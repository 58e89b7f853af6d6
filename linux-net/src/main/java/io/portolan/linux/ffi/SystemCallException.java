package io.portolan.linux.ffi;

/** A system call failed: which, on what, and the kernel's errno. */
public final class SystemCallException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String call;
  private final int errno;

  /**
   * @param call the call and its object as a person would write it, such as {@code open
   *     /run/netns/a}
   * @param errno positive error number
   */
  public SystemCallException(String call, int errno) {
    super(call + ": " + Errno.describe(errno));
    this.call = call;
    this.errno = errno;
  }

  /**
   * Returns {@code result} if it is no error.
   *
   * @param result what a method of {@link SystemCalls} returned
   * @throws SystemCallException if {@code result} is negative
   */
  public static int check(int result, String call) {
    if (result < 0) {
      throw new SystemCallException(call, -result);
    }
    return result;
  }

  public String call() {
    return call;
  }

  /** The error number, positive; see {@link Errno}. */
  public int errno() {
    return errno;
  }
}
