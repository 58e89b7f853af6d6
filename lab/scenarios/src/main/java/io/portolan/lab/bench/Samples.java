package io.portolan.lab.bench;

import java.time.Duration;
import java.util.List;

/**
 * Measured times, in ascending order.
 *
 * @param nanos at least one
 */
record Samples(List<Long> nanos) {
  Samples {
    if (nanos.isEmpty()) {
      throw new IllegalArgumentException("nanos is empty: nothing was measured");
    }
    nanos = nanos.stream().sorted().toList();
  }

  static Samples of(List<Duration> times) {
    return new Samples(times.stream().map(Duration::toNanos).toList());
  }

  int count() {
    return nanos.size();
  }

  double minMillis() {
    return nanos.getFirst() / 1e6;
  }

  double maxMillis() {
    return nanos.getLast() / 1e6;
  }

  double medianMillis() {
    return millis(0.5);
  }

  /**
   * The smallest sample that is not exceeded by that share of all (nearest rank): with few samples
   * a high quantile is the maximum.
   *
   * @param quantile above 0, at most 1
   */
  double millis(double quantile) {
    if (!(quantile > 0 && quantile <= 1)) {
      throw new IllegalArgumentException("quantile " + quantile + " is not in (0, 1]");
    }
    return nanos.get((int) Math.ceil(quantile * nanos.size()) - 1) / 1e6;
  }
}
