package io.portolan.policy.model;

/** A part of a policy says something the API does not define. The message names it and the fix. */
public final class NotUnderstoodException extends Exception {
  private static final long serialVersionUID = 1L;

  public NotUnderstoodException(String message) {
    super(message);
  }
}
