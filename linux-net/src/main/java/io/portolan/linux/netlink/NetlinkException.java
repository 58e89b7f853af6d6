package io.portolan.linux.netlink;

import io.portolan.linux.ffi.Errno;

/**
 * The kernel refused a request, or the socket failed.
 *
 * <p>Says what was asked, the errno, and the kernel's own words where it gives any (extended
 * acknowledgement).
 */
public final class NetlinkException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String request;
  private final int errno;
  private final String kernelMessage;
  private final int attributeOffset;

  /**
   * @param request what was asked, such as {@code add route 10.0.0.0/8}
   * @param errno positive error number
   * @param kernelMessage text of the extended acknowledgement, empty if none
   * @param attributeOffset byte of the request that the kernel objects to, -1 if it does not say
   */
  public NetlinkException(String request, int errno, String kernelMessage, int attributeOffset) {
    super(text(request, errno, kernelMessage, attributeOffset));
    this.request = request;
    this.errno = errno;
    this.kernelMessage = kernelMessage;
    this.attributeOffset = attributeOffset;
  }

  public NetlinkException(String request, int errno) {
    this(request, errno, "", -1);
  }

  private static String text(String request, int errno, String kernelMessage, int attributeOffset) {
    StringBuilder text = new StringBuilder(request).append(": ").append(Errno.describe(errno));
    if (!kernelMessage.isEmpty()) {
      text.append(": ").append(kernelMessage);
    }
    if (attributeOffset >= 0) {
      text.append(" (at byte ").append(attributeOffset).append(" of the request)");
    }
    return text.toString();
  }

  /** What was asked. */
  public String request() {
    return request;
  }

  /** The error number, positive. */
  public int errno() {
    return errno;
  }

  /** The error's symbol, such as {@code EEXIST}. */
  public String errnoName() {
    return Errno.name(errno);
  }

  /** The kernel's explanation; empty if it gave none. */
  public String kernelMessage() {
    return kernelMessage;
  }

  /**
   * The byte of the request the kernel objects to, counted from the message header; -1 if it does
   * not say.
   */
  public int attributeOffset() {
    return attributeOffset;
  }

  public boolean isExists() {
    return errno == Errno.EEXIST;
  }

  /**
   * Whether the object, or the link it is on, is not there: ENOENT, ESRCH (routes), ENODEV (links),
   * EADDRNOTAVAIL (addresses), ENXIO.
   */
  public boolean isNotFound() {
    return errno == Errno.ENOENT
        || errno == Errno.ESRCH
        || errno == Errno.ENODEV
        || errno == Errno.EADDRNOTAVAIL
        || errno == Errno.ENXIO;
  }

  public boolean isBusy() {
    return errno == Errno.EBUSY;
  }

  public boolean isInvalid() {
    return errno == Errno.EINVAL || errno == Errno.ERANGE;
  }

  public boolean isNotSupported() {
    return errno == Errno.EOPNOTSUPP || errno == Errno.EAFNOSUPPORT;
  }

  public boolean isDenied() {
    return errno == Errno.EPERM || errno == Errno.EACCES;
  }

  /**
   * Whether messages were lost because the receive buffer was full: what was known must be read
   * anew.
   */
  public boolean isOverrun() {
    return errno == Errno.ENOBUFS;
  }
}
