package io.portolan.node.cni;

/** What became of a request. */
public sealed interface CniAnswer {
  /**
   * ADD succeeded.
   *
   * @param afterwards what is left to do when the runtime has its answer
   */
  record Added(CniResult result, Runnable afterwards) implements CniAnswer {}

  /** DEL, CHECK, GC or STATUS succeeded; nothing is printed. */
  record Done() implements CniAnswer {}

  /** The request failed. */
  record Failed(CniError error) implements CniAnswer {
    public Failed(CniErrorCode code, String message) {
      this(new CniError(code, message));
    }

    public Failed(CniErrorCode code, String message, String details) {
      this(new CniError(code, message, details));
    }
  }
}
