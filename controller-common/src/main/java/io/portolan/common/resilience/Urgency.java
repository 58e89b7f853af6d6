package io.portolan.common.resilience;

import java.time.Duration;

/**
 * Who goes first where several want one bucket. A call that has waited for its handicap goes before
 * all that have not, so nothing waits for ever.
 */
public enum Urgency {
  /** Pods wait for it. */
  ASSIGN(Duration.ZERO),
  /** Gives something back. */
  RELEASE(Duration.ofSeconds(5)),
  /** Looks. */
  DESCRIBE(Duration.ofSeconds(10));

  private static final Duration MOST = Duration.ofMinutes(5);

  private final Duration handicap;

  Urgency(Duration handicap) {
    this.handicap = handicap;
  }

  Duration handicap() {
    return handicap;
  }

  /**
   * The handicap of a request that is for {@code pods} pods. A bucket yields a fixed number of
   * requests, so those that serve most pods go first; one that serves none waits {@link #MOST} at
   * most for those that serve many.
   */
  Duration handicap(int pods) {
    return handicap.plus(MOST.dividedBy(1 + pods));
  }
}
