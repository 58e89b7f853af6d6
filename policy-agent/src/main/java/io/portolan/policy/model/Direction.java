package io.portolan.policy.model;

/** Seen from the pod a policy applies to. */
public enum Direction {
  /** Connections the pod opens. */
  EGRESS("egress"),
  /** Connections opened to the pod. */
  INGRESS("ingress");

  private final String text;

  Direction(String text) {
    this.text = text;
  }

  public String text() {
    return text;
  }
}
