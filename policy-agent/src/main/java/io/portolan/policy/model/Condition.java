package io.portolan.policy.model;

import java.util.List;

/**
 * One of the conditions of a rule, all of which a connection must meet.
 *
 * @param any alternatives; an empty list is met by nobody, so that what could not be understood
 *     never widens a rule
 * @param negated met by the connections that none of the alternatives describes
 */
public record Condition(List<Match> any, boolean negated) {
  public Condition {
    any = List.copyOf(any);
  }

  public static Condition anyOf(List<? extends Match> alternatives) {
    return new Condition(List.copyOf(alternatives), false);
  }

  public static Condition noneOf(List<? extends Match> alternatives) {
    return new Condition(List.copyOf(alternatives), true);
  }
}
