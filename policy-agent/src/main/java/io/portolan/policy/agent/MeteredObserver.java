package io.portolan.policy.agent;

import io.portolan.common.metrics.Meters;
import java.time.Duration;

/** Counts what enforcement did, and logs it. */
public final class MeteredObserver implements EnforcementObserver {
  private final Meters meters;
  private final EnforcementObserver log = new LoggingObserver();

  public MeteredObserver(Meters meters) {
    this.meters = meters;
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
}
