package io.portolan.common.reconcile;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Delays between attempts: doubling, bounded, and spread so that nodes that failed together do not
 * come back together.
 *
 * @param first delay after the first failure
 * @param most bound
 * @param jitter share of the delay that is random: 0 (none) to 1
 */
public record Backoff(Duration first, Duration most, double jitter) {
  /** Half a second to a minute, a quarter of it random. */
  public static final Backoff DEFAULT =
      new Backoff(Duration.ofMillis(500), Duration.ofMinutes(1), 0.25);

  public Backoff {
    if (!first.isPositive() || most.compareTo(first) < 0) {
      throw new IllegalArgumentException("first is positive and most is no less");
    }
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new IllegalArgumentException("jitter is 0 to 1");
    }
  }

  /** The delay after {@code failures} failures in a row, at least 1. */
  public Duration after(int failures, RandomGenerator random) {
    long whole = first.toMillis();
    for (int i = 1; i < failures && whole < most.toMillis(); i++) {
      whole *= 2;
    }
    whole = Math.min(whole, most.toMillis());
    long spread = (long) (whole * jitter);
    return Duration.ofMillis(whole - (spread == 0 ? 0 : random.nextLong(spread + 1)));
  }
}
