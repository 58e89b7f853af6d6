package io.portolan.linux.netlink;

/** Bytes that are no netlink message, or not the one they claim to be. */
public final class MalformedMessageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MalformedMessageException(String message) {
    super(message);
  }
}
