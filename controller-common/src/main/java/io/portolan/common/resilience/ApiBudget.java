package io.portolan.common.resilience;

import io.portolan.common.cloud.ApiCatalog;
import io.portolan.common.cloud.ApiOperation;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The requests an account may make, shared by everything in this process that calls the cloud.
 *
 * <p>The lock guards arithmetic only; nobody waits or calls while holding it.
 */
public final class ApiBudget {
  private static final Duration LEAST_LOOK = Duration.ofMillis(250);

  private final ApiCatalog catalog;
  private final InstantSource time;
  private final Pause pause;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<ApiOperation, Gate> gates = new HashMap<>();
  private long tickets;

  /** One operation: its bucket and who waits at it. */
  private static final class Gate {
    AdaptiveBucket bucket;
    final Set<Ticket> waiting = new HashSet<>();

    Gate(AdaptiveBucket bucket) {
      this.bucket = bucket;
    }
  }

  /**
   * A place in a line.
   *
   * @param number of the ticket, in the order they were drawn
   */
  private record Ticket(Instant start, Duration handicap, long number) {
    /**
     * Who is due goes first, in the order of coming due: nobody waits for ever. Among the others
     * the least handicap goes first and of equal ones the newest: where more is wanted than the
     * bucket yields somebody waits long in any order, and in this one most hardly wait.
     */
    boolean precedes(Ticket other, Instant now) {
      boolean due = due().compareTo(now) <= 0;
      boolean otherDue = other.due().compareTo(now) <= 0;
      if (due != otherDue) {
        return due;
      }
      int order = due ? due().compareTo(other.due()) : other.fresh().compareTo(fresh());
      return order == 0 ? number < other.number : order < 0;
    }

    private Instant due() {
      return start.plus(handicap);
    }

    private Instant fresh() {
      return start.minus(handicap);
    }
  }

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
    List<Want> one = List.of(new Want(operation, urgency.handicap()));
    return acquireFirst(() -> one).orElseThrow().waited();
  }

  /**
   * @param handicap after which it is due and goes before all that are not; until then it lets
   *     those pass that came later or have a smaller handicap
   * @param gather how long it may be held back, because it may come to carry more: for all of that
   *     while no request is left, not at all while the bucket is full
   */
  public record Want(ApiOperation operation, Duration handicap, Duration gather) {
    public Want(ApiOperation operation, Duration handicap) {
      this(operation, handicap, Duration.ZERO);
    }
  }

  /**
   * @param index of the want that was granted, among those that were asked for last
   * @param waited how long that took
   */
  public record Granted(int index, Duration waited) {}

  /**
   * Waits in several lines at once, until the first of these requests may leave, and counts that
   * one as left; the places in the other lines are given up.
   *
   * @param wants what is wanted now, the preferred first; nothing if waiting has become pointless.
   *     Asked for again at every look at the lines
   * @return empty if nothing was wanted any more
   * @throws InterruptedException if interrupted while waiting; nothing is counted then
   */
  public Optional<Granted> acquireFirst(Supplier<List<Want>> wants) throws InterruptedException {
    Instant start = time.instant();
    Map<Want, Ticket> places = new HashMap<>();
    try {
      while (true) {
        List<Want> now = wants.get();
        if (now.isEmpty()) {
          return Optional.empty();
        }
        standFor(now, places, start);
        Duration wait = Duration.ofDays(1);
        for (int i = 0; i < now.size(); i++) {
          Duration until = enter(now.get(i), placeOf(now.get(i), places), start);
          if (!until.isPositive()) {
            places.remove(now.get(i));
            return Optional.of(new Granted(i, Duration.between(start, time.instant())));
          }
          wait = until.compareTo(wait) < 0 ? until : wait;
        }
        pause.sleep(untilNextLook(wait));
      }
    } finally {
      places.forEach((want, ticket) -> leave(want.operation(), ticket));
    }
  }

  /** Leaves lines where nothing is wanted any more and joins others, as if from the beginning. */
  private void standFor(List<Want> wants, Map<Want, Ticket> places, Instant start) {
    places
        .entrySet()
        .removeIf(place -> {
          boolean unwanted = !wants.contains(place.getKey());
          if (unwanted) {
            leave(place.getKey().operation(), place.getValue());
          }
          return unwanted;
        });
    for (Want want : wants) {
      places.computeIfAbsent(want, w -> queue(w, start));
    }
  }

  private static Ticket placeOf(Want want, Map<Want, Ticket> places) {
    return Objects.requireNonNull(places.get(want));
  }

  /**
   * Those ahead may leave the line without a request, so somebody far behind looks again before its
   * time has come: seldom when that is far away, exactly when it is near.
   */
  private static Duration untilNextLook(Duration wait) {
    Duration part = wait.dividedBy(4);
    return part.compareTo(LEAST_LOOK) > 0
        ? part
        : wait.compareTo(LEAST_LOOK) > 0 ? LEAST_LOOK : wait;
  }

  /** The request that was granted last did not leave after all. */
  public void giveBack(ApiOperation operation) {
    charge(operation, -1);
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

  private Ticket queue(Want want, Instant start) {
    Instant now = time.instant();
    lock.lock();
    try {
      Ticket ticket = new Ticket(start, want.handicap(), tickets++);
      gate(want.operation(), now).waiting.add(ticket);
      return ticket;
    } finally {
      lock.unlock();
    }
  }

  /** Zero: the ticket has gone through. Else how long to wait before asking again. */
  private Duration enter(Want want, Ticket ticket, Instant start) {
    Instant now = time.instant();
    lock.lock();
    try {
      Gate gate = gate(want.operation(), now);
      AdaptiveBucket bucket = gate.bucket.at(now);
      int before = (int) gate.waiting.stream().filter(t -> t.precedes(ticket, now)).count();
      Duration turn = bucket.untilAllows(before + 1, now);
      Duration gathered = Duration.between(now, start.plus(bucket.scarce(want.gather())));
      Duration wait = turn.compareTo(gathered) > 0 ? turn : gathered;
      if (!wait.isPositive()) {
        gate.bucket = bucket.take(1);
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
