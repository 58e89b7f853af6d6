package io.portolan.policy.compile;

import io.portolan.policy.model.Direction;
import io.portolan.policy.model.PolicyId;
import java.util.List;

/**
 * What a record of a packet was made for.
 *
 * @param direction seen from the pod that the policy applies to
 * @param policies that decided, or asked for the record: of the end of a tier, all of the tier's
 *     that select the pod and did not allow
 */
public record Reported(
    Verdict verdict, Direction direction, RuleOrigin origin, List<PolicyId> policies) {
  public Reported {
    policies = List.copyOf(policies);
  }

  /** What became of the packet. */
  public enum Verdict {
    DENIED,
    /** A rule with action Log; whether the connection passes is decided behind it. */
    LOGGED
  }
}
