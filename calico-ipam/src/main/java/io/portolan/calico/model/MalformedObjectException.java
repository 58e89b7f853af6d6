package io.portolan.calico.model;

/** An object breaks a rule that its users rely on; the message names the field and the rule. */
public final class MalformedObjectException extends Exception {
  private static final long serialVersionUID = 1L;

  public MalformedObjectException(String message) {
    super(message);
  }
}
