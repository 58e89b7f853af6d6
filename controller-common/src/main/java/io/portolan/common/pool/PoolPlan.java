package io.portolan.common.pool;

import io.portolan.common.cloud.NodeName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What to do about one node's pool now.
 *
 * @param actions in order; the first that does not succeed ends the pass
 * @param counts the pool in numbers
 * @param explanation why, one line per decision
 * @param conditions what to tell, in the order Ready, AddressesAvailable, Degraded
 * @param memory what to remember
 * @param wakeAt when the plan may become another one although nothing happens
 */
public record PoolPlan(
    NodeName node,
    List<PoolAction> actions,
    Counts counts,
    List<String> explanation,
    List<PoolCondition> conditions,
    PoolMemory memory,
    Optional<Instant> wakeAt) {

  /**
   * @param capacity addresses the machine can hold for pods
   * @param supply addresses it holds for pods, marked and withdrawn ones not counted
   * @param demand pods that need one
   * @param target addresses it should hold
   */
  public record Counts(int capacity, int supply, int demand, int target) {
    /** Pods that cannot get an address at this moment. */
    public int deficit() {
      return Math.max(0, demand - supply);
    }
  }

  public PoolPlan {
    actions = List.copyOf(actions);
    explanation = List.copyOf(explanation);
    conditions = List.copyOf(conditions);
  }

  public boolean isEmpty() {
    return actions.isEmpty();
  }
}
