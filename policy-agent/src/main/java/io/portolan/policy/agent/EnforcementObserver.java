package io.portolan.policy.agent;

import io.portolan.policy.model.PolicyId;
import java.time.Duration;
import java.util.SortedMap;

/** Hears what enforcement did, for logs and metrics. Called on the enforcing thread. */
public interface EnforcementObserver {

  /**
   * @param commands of the transaction
   * @param took from the first change of the batch being compiled to the kernel's answer
   */
  void committed(int commands, Duration took);

  /** The kernel refused a transaction, or the exchange with it failed; it will be tried again. */
  void failed(String reason);

  /**
   * Somebody else had changed the table, and it was put right.
   *
   * @param commands it took
   */
  void repaired(int commands);

  /**
   * The kernel refused a transaction, and the policies to blame were looked for.
   *
   * @param attempts it took
   * @param found how many there are; 0 if the kernel took nothing whatever was left out
   */
  void searched(int attempts, int found);

  /**
   * From now on just these policies are closed instead of being programmed, because the kernel
   * refuses them.
   *
   * @param reasons what it said, by policy; empty when all are programmed again
   */
  void leftOut(SortedMap<PolicyId, String> reasons);
}
