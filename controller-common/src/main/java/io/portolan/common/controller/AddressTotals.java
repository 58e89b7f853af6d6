package io.portolan.common.controller;

import io.portolan.common.pool.PoolPlan;
import java.util.Collection;

/**
 * Addresses of all nodes together, as their last plans count them.
 *
 * @param capacity that the nodes could hold
 * @param assigned that they hold
 * @param demand pods that need one
 * @param deficit what their plans want beyond what they hold
 */
public record AddressTotals(long capacity, long assigned, long demand, long deficit) {
  static AddressTotals of(Collection<PoolPlan.Counts> counts) {
    return new AddressTotals(
        counts.stream().mapToLong(PoolPlan.Counts::capacity).sum(),
        counts.stream().mapToLong(PoolPlan.Counts::supply).sum(),
        counts.stream().mapToLong(PoolPlan.Counts::demand).sum(),
        counts.stream().mapToLong(PoolPlan.Counts::deficit).sum());
  }
}
