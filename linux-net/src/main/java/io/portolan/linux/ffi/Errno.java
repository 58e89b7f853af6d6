package io.portolan.linux.ffi;

import java.util.Map;

/**
 * Linux error numbers: names and meanings (asm-generic/errno-base.h, asm-generic/errno.h; x86-64,
 * arm64 and riscv64 share them).
 */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int ENXIO = 6;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int ENODEV = 19;
  public static final int ENOTDIR = 20;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int ENFILE = 23;
  public static final int EMFILE = 24;
  public static final int ENOTTY = 25;
  public static final int ENOSPC = 28;
  public static final int EROFS = 30;
  public static final int ERANGE = 34;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOTEMPTY = 39;
  public static final int EPROTO = 71;
  public static final int EMSGSIZE = 90;
  public static final int EOPNOTSUPP = 95;
  public static final int EAFNOSUPPORT = 97;
  public static final int EADDRINUSE = 98;
  public static final int EADDRNOTAVAIL = 99;
  public static final int ENETDOWN = 100;
  public static final int ENETUNREACH = 101;
  public static final int ECONNABORTED = 103;
  public static final int ENOBUFS = 105;
  public static final int ENOTCONN = 107;
  public static final int ETIMEDOUT = 110;
  public static final int EHOSTUNREACH = 113;

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(EPERM, "EPERM: operation not permitted"),
          Map.entry(ENOENT, "ENOENT: no such file, device or object"),
          Map.entry(ESRCH, "ESRCH: no such process or object"),
          Map.entry(EINTR, "EINTR: interrupted"),
          Map.entry(EIO, "EIO: input/output error"),
          Map.entry(ENXIO, "ENXIO: no such device or address"),
          Map.entry(7, "E2BIG: argument list too long"),
          Map.entry(9, "EBADF: bad file descriptor"),
          Map.entry(EAGAIN, "EAGAIN: try again"),
          Map.entry(ENOMEM, "ENOMEM: out of memory"),
          Map.entry(EACCES, "EACCES: permission denied"),
          Map.entry(14, "EFAULT: bad address"),
          Map.entry(EBUSY, "EBUSY: device or resource busy"),
          Map.entry(EEXIST, "EEXIST: already exists"),
          Map.entry(18, "EXDEV: invalid cross-device link"),
          Map.entry(ENODEV, "ENODEV: no such device"),
          Map.entry(ENOTDIR, "ENOTDIR: not a directory"),
          Map.entry(EISDIR, "EISDIR: is a directory"),
          Map.entry(EINVAL, "EINVAL: invalid argument"),
          Map.entry(ENFILE, "ENFILE: too many open files in the system"),
          Map.entry(EMFILE, "EMFILE: too many open files"),
          Map.entry(ENOTTY, "ENOTTY: inappropriate ioctl"),
          Map.entry(27, "EFBIG: too large"),
          Map.entry(ENOSPC, "ENOSPC: no space left"),
          Map.entry(32, "EPIPE: broken pipe"),
          Map.entry(EROFS, "EROFS: read-only file system"),
          Map.entry(31, "EMLINK: too many links"),
          Map.entry(33, "EDOM: out of domain"),
          Map.entry(ERANGE, "ERANGE: out of range"),
          Map.entry(ENAMETOOLONG, "ENAMETOOLONG: name too long"),
          Map.entry(38, "ENOSYS: not implemented by this kernel"),
          Map.entry(ENOTEMPTY, "ENOTEMPTY: directory not empty"),
          Map.entry(40, "ELOOP: loop"),
          Map.entry(61, "ENODATA: no data"),
          Map.entry(EPROTO, "EPROTO: protocol error"),
          Map.entry(75, "EOVERFLOW: value too large"),
          Map.entry(85, "ERESTART: state changed meanwhile"),
          Map.entry(88, "ENOTSOCK: not a socket"),
          Map.entry(EMSGSIZE, "EMSGSIZE: message too long"),
          Map.entry(92, "ENOPROTOOPT: option not known"),
          Map.entry(93, "EPROTONOSUPPORT: protocol not supported"),
          Map.entry(EOPNOTSUPP, "EOPNOTSUPP: not supported"),
          Map.entry(96, "EPFNOSUPPORT: protocol family not supported"),
          Map.entry(EAFNOSUPPORT, "EAFNOSUPPORT: address family not supported"),
          Map.entry(EADDRINUSE, "EADDRINUSE: address in use"),
          Map.entry(EADDRNOTAVAIL, "EADDRNOTAVAIL: address not available"),
          Map.entry(ENETDOWN, "ENETDOWN: network is down"),
          Map.entry(ENETUNREACH, "ENETUNREACH: network is unreachable"),
          Map.entry(ECONNABORTED, "ECONNABORTED: connection aborted"),
          Map.entry(104, "ECONNRESET: connection reset"),
          Map.entry(ENOBUFS, "ENOBUFS: receive buffer overrun or out of buffers"),
          Map.entry(ENOTCONN, "ENOTCONN: not connected"),
          Map.entry(ETIMEDOUT, "ETIMEDOUT: timed out"),
          Map.entry(111, "ECONNREFUSED: refused"),
          Map.entry(112, "EHOSTDOWN: host is down"),
          Map.entry(EHOSTUNREACH, "EHOSTUNREACH: no route to host"),
          Map.entry(114, "EALREADY: already in progress"),
          Map.entry(122, "EDQUOT: quota exceeded"));

  private Errno() {}

  /** The symbol, such as {@code EEXIST}; {@code errno 200} for a number without one here. */
  public static String name(int errno) {
    String known = NAMES.get(errno);
    return known == null ? "errno " + errno : known.substring(0, known.indexOf(':'));
  }

  /** The symbol and what it means, such as {@code EEXIST: already exists}. */
  public static String describe(int errno) {
    return NAMES.getOrDefault(errno, "errno " + errno);
  }
}
