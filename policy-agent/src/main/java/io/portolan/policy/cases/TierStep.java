package io.portolan.policy.cases;

import io.portolan.policy.compile.AskedTier;
import io.portolan.policy.compile.RuleOrigin;
import java.util.Optional;

/**
 * A tier that a connection came to.
 *
 * @param by the rule that allowed, denied or passed it; empty if none did, so that the end of the
 *     tier counts
 */
public record TierStep(AskedTier asked, Outcome outcome, Optional<RuleOrigin.OfRule> by) {

  /** What the tier made of the connection. */
  public enum Outcome {
    ALLOW,
    DENY,
    PASS
  }
}
