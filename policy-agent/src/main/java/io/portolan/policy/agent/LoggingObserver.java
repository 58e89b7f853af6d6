package io.portolan.policy.agent;

import io.portolan.policy.model.PolicyId;
import java.time.Duration;
import java.util.SortedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what enforcement did to the log. */
public final class LoggingObserver implements EnforcementObserver {
  private static final Logger LOG = LoggerFactory.getLogger(LoggingObserver.class);

  @Override
  public void committed(int commands, Duration took) {
    LOG.debug("policy transaction of {} commands in {} ms", commands, took.toMillis());
  }

  @Override
  public void failed(String reason) {
    LOG.error("policy transaction failed, rules stay as they are: {}", reason);
  }

  @Override
  public void repaired(int commands) {
    LOG.warn(
        "table inet portolan had been changed by somebody else; put right with {} commands",
        commands);
  }

  @Override
  public void searched(int attempts, int found) {
    LOG.info("{} policies that the kernel refuses, found in {} attempts", found, attempts);
  }

  @Override
  public void leftOut(SortedMap<PolicyId, String> reasons) {
    reasons.forEach((id, reason) ->
        LOG.error(
            "{} is closed, as the kernel refuses it: what it selects is allowed nothing by it: {}",
            id.described(),
            reason));
    if (reasons.isEmpty()) {
      LOG.info("every policy is programmed again");
    }
  }
}
