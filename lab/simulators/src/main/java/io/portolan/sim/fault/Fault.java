package io.portolan.sim.fault;

/** One way for one request to fail. */
public sealed interface Fault {
  /** The connection closes before the request is looked at. */
  record LostRequest() implements Fault {}

  /**
   * The request is carried out, then the connection closes without an answer: the client cannot
   * know whether it took effect.
   */
  record LostReply() implements Fault {}

  /** The request is not carried out; the answer says success and is not of the protocol. */
  record Garbage() implements Fault {}

  /**
   * The request is not carried out; the cloud answers with an error.
   *
   * @param code the cloud's own error code, such as {@code UnauthorizedOperation}
   * @param status HTTP status, 400 to 599
   */
  record Refusal(String code, int status, String message) implements Fault {
    public Refusal {
      if (status < 400 || status > 599) {
        throw new IllegalArgumentException("status: an HTTP error is 400 to 599, not " + status);
      }
    }
  }

  /** The request is carried out and answered, late. */
  record Slow(DelayRange delay) implements Fault {}
}
