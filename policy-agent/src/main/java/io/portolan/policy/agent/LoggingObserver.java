package io.portolan.policy.agent;

import java.time.Duration;
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
}
