package io.portolan.sim.fault;

import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * Which requests a fault befalls.
 *
 * @param action the API operation, with {@code *} for any run of characters
 * @param probability of each matching request being hit, above 0, at most 1
 * @param times after how many hits the rule is spent; empty for never
 */
public record FaultRule(String action, Fault fault, double probability, OptionalInt times) {
  public FaultRule {
    if (action.isEmpty()) {
      throw new IllegalArgumentException("action: is empty; write an operation's name or *");
    }
    if (!(probability > 0 && probability <= 1)) {
      throw new IllegalArgumentException(
          "probability: is " + probability + "; it lies above 0 and is at most 1");
    }
    if (times.isPresent() && times.getAsInt() < 1) {
      throw new IllegalArgumentException("times: is less than 1; leave the rule out instead");
    }
  }

  /** Hits every request for the action. */
  public static FaultRule always(String action, Fault fault) {
    return new FaultRule(action, fault, 1, OptionalInt.empty());
  }

  /** Hits the next request for the action, and then no more. */
  public static FaultRule once(String action, Fault fault) {
    return new FaultRule(action, fault, 1, OptionalInt.of(1));
  }

  /** Hits each request for the action with the given probability. */
  public static FaultRule sometimes(String action, Fault fault, double probability) {
    return new FaultRule(action, fault, probability, OptionalInt.empty());
  }

  public boolean matches(String operation) {
    return Pattern.matches(Pattern.quote(action).replace("*", "\\E.*\\Q"), operation);
  }
}
