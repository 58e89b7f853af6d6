package io.portolan.policy.model;

import java.util.List;

/**
 * What one rule of a policy does, and with which connections.
 *
 * @param all conditions that must all be met; none for every connection
 */
public record PolicyRule(Action action, List<Condition> all) {
  public PolicyRule {
    all = List.copyOf(all);
  }
}
