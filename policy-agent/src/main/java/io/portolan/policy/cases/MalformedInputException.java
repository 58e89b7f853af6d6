package io.portolan.policy.cases;

/** Input that is not what it should be. The message names the field, if it is about one. */
public final class MalformedInputException extends Exception {
  private static final long serialVersionUID = 1;

  public MalformedInputException(String message) {
    super(message, null, false, false);
  }

  MalformedInputException(String where, String problem) {
    this(where.isEmpty() ? problem : where + ": " + problem);
  }
}
