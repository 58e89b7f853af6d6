package io.portolan.common.resilience;

import io.portolan.common.cloud.ApiCatalog;
import io.portolan.common.cloud.ApiOperation;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The requests an account may make, shared by everything in this process that calls the cloud.
 *
 * <p>The lock guards arithmetic only; nobody waits or calls while holding it.
 */
public final class ApiBudget {
  private final ApiCatalog catalog;
  private final InstantSource time;
  private final Pause pause;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<ApiOperation, Gate> gates = new HashMap<>();
  private long tickets;

  /** One operation: its bucket and who waits at it, first to leave first. */
  private static final class Gate {
    AdaptiveBucket bucket;
    final TreeSet<Ticket> waiting =
        new TreeSet<>(Comparator.comparing(Ticket::rank).thenComparingLong(Ticket::number));

    Gate(AdaptiveBucket bucket) {
      this.bucket = bucket;
    }
  }

  private record Ticket(Instant rank, long number) {}

  public ApiBudget(ApiCatalog catalog, InstantSource time, Pause pause) {
    this.catalog = catalog;
    this.time = time;
    this.pause = pause;
  }

  /**
   * Waits until a request of {@code operation} may leave, and counts it as left.
   *
   * @return how long that took
   * @throws InterruptedException if interrupted while waiting; nothing is counted then
   */
  public Duration acquire(ApiOperation operation, Urgency urgency) throws InterruptedException {
    Instant start = time.instant();
    Ticket ticket = queue(operation, start.plus(urgency.handicap()));
    try {
      Duration wait = enter(operation, ticket);
      while (wait.isPositive()) {
        pause.sleep(wait);
        wait = enter(operation, ticket);
      }
    } catch (InterruptedException e) {
      leave(operation, ticket);
      throw e;
    }
    return Duration.between(start, time.instant());
  }

  /** Counts requests that were made without asking: the further pages of a listing. */
  public void charge(ApiOperation operation, int requests) {
    Instant now = time.instant();
    lock.lock();
    try {
      Gate gate = gate(operation, now);
      gate.bucket = gate.bucket.at(now).take(requests);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The cloud has throttled a request. {@code retryAfter} is zero if it did not say for how long.
   */
  public void throttled(ApiOperation operation, Duration retryAfter) {
    Instant now = time.instant();
    lock.lock();
    try {
      Gate gate = gate(operation, now);
      gate.bucket = gate.bucket.throttled(now, retryAfter);
    } finally {
      lock.unlock();
    }
  }

  /** Every operation used so far, for metrics and people. */
  public SortedMap<ApiOperation, AdaptiveBucket> buckets() {
    Instant now = time.instant();
    SortedMap<ApiOperation, AdaptiveBucket> seen = new TreeMap<>();
    lock.lock();
    try {
      gates.forEach((operation, gate) -> seen.put(operation, gate.bucket.at(now)));
    } finally {
      lock.unlock();
    }
    return seen;
  }

  private Ticket queue(ApiOperation operation, Instant rank) {
    lock.lock();
    try {
      Ticket ticket = new Ticket(rank, tickets++);
      gate(operation, time.instant()).waiting.add(ticket);
      return ticket;
    } finally {
      lock.unlock();
    }
  }

  /** Zero: the ticket has gone through. Else how long to wait before asking again. */
  private Duration enter(ApiOperation operation, Ticket ticket) {
    Instant now = time.instant();
    lock.lock();
    try {
      Gate gate = gate(operation, now);
      int before = gate.waiting.headSet(ticket).size();
      Duration wait = gate.bucket.untilAllows(before + 1, now);
      if (!wait.isPositive()) {
        gate.bucket = gate.bucket.at(now).take(1);
        gate.waiting.remove(ticket);
      }
      return wait;
    } finally {
      lock.unlock();
    }
  }

  private void leave(ApiOperation operation, Ticket ticket) {
    lock.lock();
    try {
      gate(operation, time.instant()).waiting.remove(ticket);
    } finally {
      lock.unlock();
    }
  }

  private Gate gate(ApiOperation operation, Instant now) {
    return gates.computeIfAbsent(
        operation,
        o ->
            new Gate(
                AdaptiveBucket.full(
                    catalog.buckets().getOrDefault(o, catalog.defaultBucket()), now)));
  }
}
