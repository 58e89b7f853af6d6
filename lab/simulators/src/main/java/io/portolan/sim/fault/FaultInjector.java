package io.portolan.sim.fault;

import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A plan being carried out: remembers how often each rule has hit. Owned by one thread at a time.
 */
public final class FaultInjector {
  private final FaultPlan plan;
  private final SplittableRandom random;
  private final int[] hits;

  public FaultInjector(FaultPlan plan) {
    this.plan = plan;
    this.random = new SplittableRandom(plan.seed());
    this.hits = new int[plan.rules().size()];
  }

  /** What befalls the next request for {@code action}. */
  public Optional<Fault> next(String action) {
    for (int i = 0; i < hits.length; i++) {
      FaultRule rule = plan.rules().get(i);
      if (rule.matches(action)
          && hits[i] < rule.times().orElse(Integer.MAX_VALUE)
          && (rule.probability() == 1 || random.nextDouble() < rule.probability())) {
        hits[i]++;
        return Optional.of(rule.fault());
      }
    }
    return Optional.empty();
  }

  /** How long the next answer takes. */
  public Duration latency() {
    return plan.latency().isNone() ? Duration.ZERO : plan.latency().sample(random);
  }

  /** An even draw from {@code range}, from the plan's seed. */
  public Duration draw(DelayRange range) {
    return range.isNone() ? Duration.ZERO : range.sample(random);
  }
}
