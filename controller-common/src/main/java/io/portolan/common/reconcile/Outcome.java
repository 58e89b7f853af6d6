package io.portolan.common.reconcile;

import java.time.Duration;
import java.time.Instant;

/** How reconciling a key ended. */
public sealed interface Outcome {
  /** At rest until something happens. */
  record Done() implements Outcome {}

  /** At rest, but not for longer than until {@code when}. */
  record WakeAt(Instant when) implements Outcome {}

  /** Again after a time that somebody else has set (Retry-After). Counts as a failure. */
  record RetryAfter(Duration delay) implements Outcome {
    public RetryAfter {
      if (delay.isNegative()) {
        throw new IllegalArgumentException("a delay is not negative");
      }
    }
  }

  /**
   * Again after the key's own delay, which doubles with each failure in a row.
   *
   * @param why for the log
   */
  record Retry(String why) implements Outcome {}
}
