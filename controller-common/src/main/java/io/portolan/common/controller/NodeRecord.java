package io.portolan.common.controller;

import io.portolan.common.api.v1alpha1.NodeNetworkSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.pool.PoolCondition;
import io.portolan.common.pool.PoolMemory;
import io.portolan.common.pool.PoolPlan;
import io.portolan.common.pool.RecentWrites;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the controller keeps of one node between reconciliations. Only ever lost whole, by a
 * restart.
 *
 * @param published the supply last stored by this process: newer than what a watch may still show
 * @param spec the specification last stored by this process
 * @param repairAfter when what a watch shows may next be taken for somebody else's change
 * @param attempted the highest revision this process has tried to store
 * @param lastPlan for explaining
 */
public record NodeRecord(
    PoolMemory memory,
    RecentWrites writes,
    Optional<NodeNetworkStatus.Supply> published,
    Optional<NodeNetworkSpec> spec,
    Instant repairAfter,
    long attempted,
    List<PoolCondition> conditions,
    Optional<PoolPlan> lastPlan) {
  public static final NodeRecord EMPTY =
      new NodeRecord(
          PoolMemory.EMPTY,
          RecentWrites.NONE,
          Optional.empty(),
          Optional.empty(),
          Instant.MIN,
          0,
          List.of(),
          Optional.empty());

  public NodeRecord {
    conditions = List.copyOf(conditions);
  }

  NodeRecord with(PoolMemory newMemory) {
    return new NodeRecord(
        newMemory, writes, published, spec, repairAfter, attempted, conditions, lastPlan);
  }

  /**
   * The node got another machine: nothing learned of the old one holds, but revisions go on rising,
   * or an answer of the old node could match a mark of the new.
   */
  NodeRecord onAnotherMachine(PoolMemory newMemory) {
    long used = Math.max(attempted, published.map(NodeNetworkStatus.Supply::revision).orElse(0L));
    return new NodeRecord(
        newMemory,
        RecentWrites.NONE,
        Optional.empty(),
        Optional.empty(),
        Instant.MIN,
        used,
        List.of(),
        Optional.empty());
  }

  NodeRecord with(RecentWrites newWrites) {
    return new NodeRecord(
        memory, newWrites, published, spec, repairAfter, attempted, conditions, lastPlan);
  }

  NodeRecord with(
      NodeNetworkSpec newSpec,
      NodeNetworkStatus.Supply newSupply,
      List<PoolCondition> newConditions,
      Instant newRepairAfter) {
    return new NodeRecord(
        memory,
        writes,
        Optional.of(newSupply),
        Optional.of(newSpec),
        newRepairAfter,
        attempted,
        newConditions,
        lastPlan);
  }

  NodeRecord attempting(long revision) {
    return new NodeRecord(
        memory,
        writes,
        published,
        spec,
        repairAfter,
        Math.max(attempted, revision),
        conditions,
        lastPlan);
  }

  NodeRecord with(PoolPlan plan) {
    return new NodeRecord(
        plan.memory(),
        writes,
        published,
        spec,
        repairAfter,
        attempted,
        conditions,
        Optional.of(plan));
  }
}
