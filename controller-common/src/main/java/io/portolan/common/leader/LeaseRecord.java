package io.portolan.common.leader;

import java.time.Duration;
import java.time.Instant;

/**
 * What the Lease object says.
 *
 * @param holder empty if it was given up
 * @param duration how long others must wait
 * @param acquired by the holder's clock; for people
 * @param renewed by the holder's clock; others only see that it changes
 * @param transitions how often the holder changed
 * @param version for compare-and-swap; empty if the object does not exist yet
 */
public record LeaseRecord(
    String holder,
    Duration duration,
    Instant acquired,
    Instant renewed,
    int transitions,
    String version) {

  /** Before anybody held it. */
  public static final LeaseRecord NONE =
      new LeaseRecord("", Duration.ZERO, Instant.EPOCH, Instant.EPOCH, 0, "");
}
