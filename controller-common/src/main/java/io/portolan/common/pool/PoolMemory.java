package io.portolan.common.pool;

import io.portolan.common.cloud.CloudFault;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.net.Cidr;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What must be known of the past to plan a node's pool. Losing it (a restart) costs time, never
 * correctness: delays start anew and withdrawn addresses are offered to the node again.
 *
 * @param excess since when there are more addresses than needed
 * @param lowSince since when the reserve has not been whole while no pod waited
 * @param emptySince since when an interface has held no pod address
 * @param changingSince since when an interface has been attaching or detaching
 * @param withdrawn addresses and blocks the node has given up and no longer sees, not yet
 *     unassigned
 * @param machineFull when the cloud last refused another interface for this machine
 * @param lookAfter readings whose requests left before this moment may miss something that matters
 * @param pause what forbids cloud actions for a while
 */
public record PoolMemory(
    Optional<Excess> excess,
    Optional<Instant> lowSince,
    SortedMap<InterfaceId, Instant> emptySince,
    SortedMap<InterfaceId, Instant> changingSince,
    SortedSet<Cidr> withdrawn,
    Optional<Instant> machineFull,
    Instant lookAfter,
    Optional<Pause> pause) {
  public static final PoolMemory EMPTY =
      new PoolMemory(
          Optional.empty(),
          Optional.empty(),
          new TreeMap<>(),
          new TreeMap<>(),
          new TreeSet<>(),
          Optional.empty(),
          Instant.MIN,
          Optional.empty());

  /**
   * @param since when it began, or was last acted on
   * @param atLeast the smallest excess since then: only that much has lasted
   */
  public record Excess(Instant since, int atLeast) {}

  /**
   * @param fault why
   * @param until when to try again
   */
  public record Pause(CloudFault fault, Instant until) {}

  public PoolMemory {
    emptySince = Collections.unmodifiableSortedMap(new TreeMap<>(emptySince));
    changingSince = Collections.unmodifiableSortedMap(new TreeMap<>(changingSince));
    withdrawn = Collections.unmodifiableSortedSet(new TreeSet<>(withdrawn));
  }

  PoolMemory withExcess(Optional<Excess> newExcess) {
    return new PoolMemory(
        newExcess, lowSince, emptySince, changingSince, withdrawn, machineFull, lookAfter, pause);
  }

  PoolMemory withLowSince(Optional<Instant> newLowSince) {
    return new PoolMemory(
        excess, newLowSince, emptySince, changingSince, withdrawn, machineFull, lookAfter, pause);
  }

  PoolMemory withSince(
      SortedMap<InterfaceId, Instant> newEmptySince,
      SortedMap<InterfaceId, Instant> newChangingSince) {
    return new PoolMemory(
        excess,
        lowSince,
        newEmptySince,
        newChangingSince,
        withdrawn,
        machineFull,
        lookAfter,
        pause);
  }

  public PoolMemory withWithdrawn(SortedSet<Cidr> newWithdrawn) {
    return new PoolMemory(
        excess, lowSince, emptySince, changingSince, newWithdrawn, machineFull, lookAfter, pause);
  }

  PoolMemory withMachineFull(Optional<Instant> newMachineFull) {
    return new PoolMemory(
        excess, lowSince, emptySince, changingSince, withdrawn, newMachineFull, lookAfter, pause);
  }

  /** Plans nothing from readings older than {@code moment}. */
  public PoolMemory lookingAfter(Instant moment) {
    return new PoolMemory(
        excess,
        lowSince,
        emptySince,
        changingSince,
        withdrawn,
        machineFull,
        moment.isAfter(lookAfter) ? moment : lookAfter,
        pause);
  }

  PoolMemory withPause(Optional<Pause> newPause) {
    return new PoolMemory(
        excess, lowSince, emptySince, changingSince, withdrawn, machineFull, lookAfter, newPause);
  }
}
