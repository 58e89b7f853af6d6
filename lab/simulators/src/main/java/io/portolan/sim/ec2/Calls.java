package io.portolan.sim.ec2;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;

/**
 * The calls a world has had so far.
 *
 * @param counts by operation and outcome: {@code ok}, an error code, or the name of a fault such as
 *     {@code lost-reply}
 * @param recent the last of them, oldest first
 */
public record Calls(SortedMap<String, SortedMap<String, Long>> counts, List<Call> recent) {
  /** How a call was carried out. */
  public static final String OK = "ok";

  /** One call. */
  public record Call(Instant at, String action, String outcome) {}

  public Calls {
    recent = List.copyOf(recent);
  }

  /** All calls of an operation, however they ended. */
  public long total(String action) {
    return counts.getOrDefault(action, Collections.emptySortedMap()).values().stream()
        .mapToLong(Long::longValue)
        .sum();
  }

  /** All calls. */
  public long total() {
    return counts.keySet().stream().mapToLong(this::total).sum();
  }

  /** The calls of an operation that ended in a certain way. */
  public long count(String action, String outcome) {
    return counts.getOrDefault(action, Collections.emptySortedMap()).getOrDefault(outcome, 0L);
  }
}
