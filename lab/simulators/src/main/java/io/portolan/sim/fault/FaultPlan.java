package io.portolan.sim.fault;

import java.util.List;

/**
 * Everything that shall go wrong. The same plan and the same sequence of requests give the same
 * faults.
 *
 * @param seed of the draws
 * @param latency added to every answer
 * @param rules tried in order; the first that hits decides
 */
public record FaultPlan(long seed, DelayRange latency, List<FaultRule> rules) {
  /** Nothing goes wrong. */
  public static final FaultPlan NONE = new FaultPlan(0, DelayRange.NONE, List.of());

  public FaultPlan {
    rules = List.copyOf(rules);
  }

  public static FaultPlan of(long seed, FaultRule... rules) {
    return new FaultPlan(seed, DelayRange.NONE, List.of(rules));
  }
}
