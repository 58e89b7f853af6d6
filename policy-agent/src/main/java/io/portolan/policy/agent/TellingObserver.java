package io.portolan.policy.agent;

import io.portolan.policy.model.PolicyId;
import java.time.Duration;
import java.util.SortedMap;

/** Hands everything on, and also to those who tell of single policies. */
public record TellingObserver(EnforcementObserver next, PolicyProblems problems)
    implements EnforcementObserver {
  @Override
  public void committed(int commands, Duration took) {
    next.committed(commands, took);
  }

  @Override
  public void failed(String reason) {
    next.failed(reason);
  }

  @Override
  public void repaired(int commands) {
    next.repaired(commands);
  }

  @Override
  public void searched(int attempts, int found) {
    next.searched(attempts, found);
  }

  @Override
  public void leftOut(SortedMap<PolicyId, String> reasons) {
    next.leftOut(reasons);
    problems.leftOut(reasons);
  }
}
