package io.portolan.common.controller;

import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.pool.PoolCondition;
import io.portolan.common.pool.PoolMemory;
import io.portolan.common.pool.PoolPlan;
import io.portolan.common.pool.RecentWrites;
import java.util.List;
import java.util.Optional;

/**
 * What the controller keeps of one node between reconciliations. Only ever lost whole, by a
 * restart.
 *
 * @param published the supply last stored by this process: newer than what a watch may still show
 * @param attempted the highest revision this process has tried to store
 * @param lastPlan for explaining
 */
public record NodeRecord(
    PoolMemory memory,
    RecentWrites writes,
    Optional<NodeNetworkStatus.Supply> published,
    long attempted,
    List<PoolCondition> conditions,
    Optional<PoolPlan> lastPlan) {
  public static final NodeRecord EMPTY =
      new NodeRecord(
          PoolMemory.EMPTY, RecentWrites.NONE, Optional.empty(), 0, List.of(), Optional.empty());

  public NodeRecord {
    conditions = List.copyOf(conditions);
  }

  NodeRecord with(PoolMemory newMemory) {
    return new NodeRecord(newMemory, writes, published, attempted, conditions, lastPlan);
  }

  /**
   * The node got another machine: nothing learned of the old one holds, but revisions go on rising,
   * or an answer of the old node could match a mark of the new.
   */
  NodeRecord onAnotherMachine(PoolMemory newMemory) {
    long used = Math.max(attempted, published.map(NodeNetworkStatus.Supply::revision).orElse(0L));
    return new NodeRecord(
        newMemory, RecentWrites.NONE, Optional.empty(), used, List.of(), Optional.empty());
  }

  NodeRecord with(RecentWrites newWrites) {
    return new NodeRecord(memory, newWrites, published, attempted, conditions, lastPlan);
  }

  NodeRecord with(NodeNetworkStatus.Supply newSupply, List<PoolCondition> newConditions) {
    return new NodeRecord(
        memory, writes, Optional.of(newSupply), attempted, newConditions, lastPlan);
  }

  NodeRecord attempting(long revision) {
    return new NodeRecord(
        memory, writes, published, Math.max(attempted, revision), conditions, lastPlan);
  }

  NodeRecord with(PoolPlan plan) {
    return new NodeRecord(
        plan.memory(), writes, published, attempted, conditions, Optional.of(plan));
  }
}
