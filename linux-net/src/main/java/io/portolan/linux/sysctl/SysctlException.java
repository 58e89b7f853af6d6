package io.portolan.linux.sysctl;

/** A setting could not be read or written. */
public final class SysctlException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final SysctlKey key;
  private final boolean missing;

  SysctlException(SysctlKey key, boolean missing, String message, Throwable cause) {
    super(message, cause);
    this.key = key;
    this.missing = missing;
  }

  public SysctlKey key() {
    return key;
  }

  /** Whether the setting does not exist: its interface is gone, or the kernel lacks the feature. */
  public boolean isMissing() {
    return missing;
  }
}
