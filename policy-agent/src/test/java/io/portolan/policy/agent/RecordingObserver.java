package io.portolan.policy.agent;

import io.portolan.policy.model.PolicyId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/** Keeps what it hears, as lines. */
public final class RecordingObserver implements EnforcementObserver {
  private final List<String> heard = new ArrayList<>();

  @Override
  public synchronized void committed(int commands, Duration took) {
    heard.add("committed " + commands);
  }

  @Override
  public synchronized void failed(String reason) {
    heard.add("failed " + reason);
  }

  @Override
  public synchronized void repaired(int commands) {
    heard.add("repaired " + commands);
  }

  @Override
  public synchronized void searched(int attempts, int found) {
    heard.add("searched " + attempts + " attempts, " + found + " found");
  }

  @Override
  public synchronized void leftOut(SortedMap<PolicyId, String> reasons) {
    heard.add("left out " + reasons.keySet());
  }

  /** Everything since the last call. */
  public synchronized List<String> take() {
    List<String> lines = List.copyOf(heard);
    heard.clear();
    return lines;
  }
}
