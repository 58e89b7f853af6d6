package io.portolan.common.kube;

/** There is no way to reach an API server as configured; the message says what to change. */
public final class KubeConnectionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  KubeConnectionException(String message) {
    super(message);
  }

  KubeConnectionException(String message, Throwable cause) {
    super(message, cause);
  }
}
