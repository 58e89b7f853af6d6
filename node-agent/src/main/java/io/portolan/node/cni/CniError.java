package io.portolan.node.cni;

/**
 * Why a request was not carried out.
 *
 * @param code what kind of failure, for the runtime
 * @param message one short line; runtimes put it into pod events
 * @param details more words, empty if there are none
 */
public record CniError(CniErrorCode code, String message, String details) {
  public CniError {
    if (message.isEmpty()) {
      throw new IllegalArgumentException("a CNI error needs a message");
    }
  }

  public CniError(CniErrorCode code, String message) {
    this(code, message, "");
  }

  @Override
  public String toString() {
    return code.number() + " " + message + (details.isEmpty() ? "" : ": " + details);
  }
}
