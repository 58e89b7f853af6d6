package io.portolan.policy.agent;

import io.portolan.common.metrics.Meters;
import io.portolan.policy.model.PolicyId;
import java.time.Duration;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what enforcement did, and logs it. */
public final class MeteredObserver implements EnforcementObserver {
  private final Meters meters;
  private final EnforcementObserver log = new LoggingObserver();
  private final AtomicInteger closed = new AtomicInteger();

  public MeteredObserver(Meters meters) {
    this.meters = meters;
    meters.policyProblems("refused", closed::get);
  }

  @Override
  public void committed(int commands, Duration took) {
    meters.nftTransaction("committed", took);
    meters.policyEnforced(took);
    log.committed(commands, took);
  }

  @Override
  public void failed(String reason) {
    meters.nftTransaction("failed", Duration.ZERO);
    log.failed(reason);
  }

  @Override
  public void repaired(int commands) {
    meters.nftTransaction("repaired", Duration.ZERO);
    log.repaired(commands);
  }

  @Override
  public void searched(int attempts, int found) {
    log.searched(attempts, found);
  }

  @Override
  public void leftOut(SortedMap<PolicyId, String> reasons) {
    closed.set(reasons.size());
    log.leftOut(reasons);
  }
}
