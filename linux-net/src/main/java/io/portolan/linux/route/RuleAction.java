package io.portolan.linux.route;

import io.portolan.linux.netlink.MalformedMessageException;

/** What a rule does with packets that match (fib_rules.h, FR_ACT_*). */
public enum RuleAction {
  /** Look the destination up in the rule's table. */
  LOOKUP(1),
  GOTO(2),
  NOP(3),
  BLACKHOLE(6),
  UNREACHABLE(7),
  PROHIBIT(8);

  private final int number;

  RuleAction(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  static RuleAction of(int number) {
    for (RuleAction action : values()) {
      if (action.number == number) {
        return action;
      }
    }
    throw new MalformedMessageException("rule action " + number + " is none of fib_rules.h");
  }
}
