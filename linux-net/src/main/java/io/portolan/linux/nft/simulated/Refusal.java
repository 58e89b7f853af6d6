package io.portolan.linux.nft.simulated;

/** A command that the kernel would refuse; becomes an outcome at the edge of the simulation. */
final class Refusal extends RuntimeException {
  static final int ENOENT = 2;
  static final int ENOMEM = 12;
  static final int EBUSY = 16;
  static final int EEXIST = 17;
  static final int EINVAL = 22;
  static final int EMLINK = 31;
  static final int EOPNOTSUPP = 95;

  private static final long serialVersionUID = 1L;

  private final int errno;

  Refusal(int errno, String message) {
    super(message, null, false, false);
    this.errno = errno;
  }

  static Refusal absent(String what) {
    return new Refusal(ENOENT, "ENOENT: no such " + what);
  }

  static Refusal exists(String what) {
    return new Refusal(EEXIST, "EEXIST: " + what);
  }

  static Refusal busy(String what) {
    return new Refusal(EBUSY, "EBUSY: " + what);
  }

  int errno() {
    return errno;
  }
}
