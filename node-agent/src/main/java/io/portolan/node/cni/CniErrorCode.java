package io.portolan.node.cni;

/** Error codes of the CNI specification 1.1, section 5, one of our own, and libcni's for bugs. */
public enum CniErrorCode {
  INCOMPATIBLE_VERSION(1),
  /** The message must name the key and the value. */
  UNSUPPORTED_FIELD(2),
  /** Tells the runtime that there is nothing to clean up. */
  UNKNOWN_CONTAINER(3),
  /** The message must name the variables. */
  INVALID_ENVIRONMENT(4),
  IO_FAILURE(5),
  DECODING_FAILURE(6),
  INVALID_CONFIG(7),
  TRY_AGAIN_LATER(11),
  /** STATUS only: ADD cannot be served. */
  NOT_AVAILABLE(50),
  /** STATUS only: ADD cannot be served and running containers may be cut off. */
  LIMITED_CONNECTIVITY(51),
  /** CHECK only: the attachment is not as it was made. */
  DEFECTIVE(100),
  /** libcni's ErrInternal. */
  INTERNAL(999);

  private final int number;

  CniErrorCode(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }
}
