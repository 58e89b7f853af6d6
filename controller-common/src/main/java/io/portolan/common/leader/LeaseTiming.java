package io.portolan.common.leader;

import java.time.Duration;

/**
 * How long a lease lasts.
 *
 * @param leaseDuration how long others wait, from their last sight of a renewal, before they take
 *     over
 * @param renewDeadline how long a holder acts after the renewal it last sent successfully; shorter,
 *     so that it has stopped before others may begin, with clocks that run up to {@code
 *     leaseDuration / renewDeadline} apart in speed
 * @param retryPeriod between two attempts to renew or to take over
 */
public record LeaseTiming(Duration leaseDuration, Duration renewDeadline, Duration retryPeriod) {
  /** 15, 10 and 2 seconds, as Kubernetes' own controllers. */
  public static final LeaseTiming DEFAULT =
      new LeaseTiming(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));

  public LeaseTiming {
    boolean ordered =
        retryPeriod.isPositive()
            && retryPeriod.compareTo(renewDeadline) < 0
            && renewDeadline.compareTo(leaseDuration) < 0;
    if (!ordered) {
      throw new IllegalArgumentException(
          "a lease needs 0 < retryPeriod < renewDeadline < leaseDuration, not "
              + retryPeriod
              + ", "
              + renewDeadline
              + ", "
              + leaseDuration);
    }
    if (leaseDuration.toSeconds() < 1 || leaseDuration.toNanosPart() != 0) {
      throw new IllegalArgumentException(
          "leaseDuration is written in whole seconds, not " + leaseDuration);
    }
  }

  /** How long an effect that began under a current leadership may take. */
  public Duration effectLimit() {
    return leaseDuration.minus(renewDeadline);
  }
}
