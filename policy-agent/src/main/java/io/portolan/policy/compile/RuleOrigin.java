package io.portolan.policy.compile;

import io.portolan.policy.model.Direction;
import io.portolan.policy.model.PolicyId;

/** What in the API a rule of the kernel that decides is there for. */
public sealed interface RuleOrigin {

  /** Name of the tier that decided; empty if none did. */
  String tier();

  /**
   * A rule of a policy.
   *
   * @param rule its place among the policy's rules of the direction, from 0
   */
  record OfRule(String tier, PolicyId policy, Direction direction, int rule)
      implements RuleOrigin {}

  /** No rule decided, so the end of the tier did: the last one of those that select the pod. */
  record OfTierEnd(String tier) implements RuleOrigin {}

  /** A port of the node that no policy closes. */
  record OfFailsafe() implements RuleOrigin {
    @Override
    public String tier() {
      return "";
    }
  }

  /** No tier decided over a host endpoint, so its profiles did. */
  record OfProfiles() implements RuleOrigin {
    @Override
    public String tier() {
      return "";
    }
  }
}
