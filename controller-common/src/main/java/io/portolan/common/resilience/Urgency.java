package io.portolan.common.resilience;

import java.time.Duration;

/**
 * Who goes first where several want one bucket. A call overtakes a more urgent one that came later
 * than its handicap, so nothing waits for ever.
 */
public enum Urgency {
  /** Pods wait for it. */
  ASSIGN(Duration.ZERO),
  /** Gives something back. */
  RELEASE(Duration.ofSeconds(5)),
  /** Looks. */
  DESCRIBE(Duration.ofSeconds(10));

  private final Duration handicap;

  Urgency(Duration handicap) {
    this.handicap = handicap;
  }

  Duration handicap() {
    return handicap;
  }
}
