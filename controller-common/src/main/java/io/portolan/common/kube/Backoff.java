package io.portolan.common.kube;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before attempt after attempt: doubling, and spread over the upper half so that a
 * thousand agents that lost the same server do not come back at once.
 *
 * @param first the longest wait before the first repetition
 * @param limit the longest wait of all
 */
public record Backoff(Duration first, Duration limit) {
  public Backoff {
    if (!first.isPositive() || first.compareTo(limit) > 0) {
      throw new IllegalArgumentException(
          "back-off needs 0 < first <= limit, not " + first + " and " + limit);
    }
  }

  /**
   * @param failures in a row, at least 1
   */
  public Duration delay(int failures, RandomGenerator random) {
    long nanos = first.toNanos();
    for (int i = 1; i < failures && nanos < limit.toNanos(); i++) {
      nanos *= 2;
    }
    long ceiling = Math.min(nanos, limit.toNanos());
    return Duration.ofNanos(ceiling / 2 + random.nextLong(ceiling / 2 + 1));
  }
}
