package io.portolan.policy.cases;

import io.portolan.policy.compile.RuleOrigin;

/** What one end of a connection says to it, and why. */
public record Ruling(boolean allowed, Reason reason) {

  /** Why a connection is allowed or denied. */
  public sealed interface Reason {}

  /** A rule of a policy, or the end of a tier. */
  public record Policed(RuleOrigin origin) implements Reason {}

  /** What needs no policy. */
  public enum Exempt implements Reason {
    NO_POLICY("no policy"),
    ITSELF("the pod itself"),
    OWN_NODE("own node"),
    LINK_UPKEEP("neighbour discovery and the like");

    private final String text;

    Exempt(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }
}
