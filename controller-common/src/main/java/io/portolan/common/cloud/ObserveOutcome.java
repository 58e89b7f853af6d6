package io.portolan.common.cloud;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The answer to {@link CloudNetwork#observe}. */
public sealed interface ObserveOutcome {

  /**
   * The whole scope was read.
   *
   * @param calls requests it took, by operation, to be charged to the API budget
   */
  record Observed(CloudObservation observation, SortedMap<ApiOperation, Integer> calls)
      implements ObserveOutcome {
    public Observed {
      calls = Collections.unmodifiableSortedMap(new TreeMap<>(calls));
    }

    public Observed(CloudObservation observation, Map<ApiOperation, Integer> calls) {
      this(observation, new TreeMap<>(calls));
    }
  }

  /** Some part could not be read; nothing is concluded from the other parts. */
  record Failed(CloudFault fault) implements ObserveOutcome {}
}
