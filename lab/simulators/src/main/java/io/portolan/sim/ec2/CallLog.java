package io.portolan.sim.ec2;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.SortedMap;
import java.util.TreeMap;

/** What was asked of the API and how it ended. Owned by one thread at a time. */
final class CallLog {
  /** Enough to explain a failed test, small enough for a run of days. */
  private static final int RECENT = 2_000;

  private final SortedMap<String, SortedMap<String, Long>> counts = new TreeMap<>();
  private final Deque<Calls.Call> recent = new ArrayDeque<>();

  void add(Instant at, String action, String outcome) {
    counts.computeIfAbsent(action, _ -> new TreeMap<>()).merge(outcome, 1L, Long::sum);
    recent.addLast(new Calls.Call(at, action, outcome));
    if (recent.size() > RECENT) {
      recent.removeFirst();
    }
  }

  Calls snapshot() {
    SortedMap<String, SortedMap<String, Long>> copy = new TreeMap<>();
    counts.forEach((action, outcomes) ->
        copy.put(action, Collections.unmodifiableSortedMap(new TreeMap<>(outcomes))));
    return new Calls(Collections.unmodifiableSortedMap(copy), new ArrayList<>(recent));
  }
}
