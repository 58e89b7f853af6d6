package io.portolan.policy.agent;

import java.time.Duration;

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
}
