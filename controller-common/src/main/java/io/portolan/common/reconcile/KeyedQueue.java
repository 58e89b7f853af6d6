package io.portolan.common.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * Which key is to be reconciled next. Plain state of one thread; time comes in as an argument.
 *
 * <p>A key added again before it was taken is one piece of work; added while it is in flight it is
 * taken once more afterwards. Among keys that are due the most urgent is first, then the one that
 * waited longest.
 */
public final class KeyedQueue<K> {
  private final Backoff backoff;
  private final RandomGenerator random;
  private final Map<K, Entry<K>> entries = new HashMap<>();
  private final TreeSet<Entry<K>> waiting =
      new TreeSet<>(
          Comparator.<Entry<K>, Instant>comparing(e -> e.due).thenComparingLong(e -> e.sequence));
  private final TreeSet<Entry<K>> ready =
      new TreeSet<>(
          Comparator.<Entry<K>>comparingInt(e -> -e.urgency).thenComparingLong(e -> e.sequence));
  private long sequence;
  private int inFlight;

  private enum Place {
    NOWHERE,
    WAITING,
    READY,
    IN_FLIGHT
  }

  private static final class Entry<K> {
    final K key;
    Instant due = Instant.MAX;
    int urgency;
    long sequence;
    int failures;
    Place place = Place.NOWHERE;

    /** Added while in flight. */
    boolean again;

    Entry(K key) {
      this.key = key;
    }
  }

  public KeyedQueue(Backoff backoff, RandomGenerator random) {
    this.backoff = backoff;
    this.random = random;
  }

  /**
   * Something happened to {@code key}: it is due now, unless it is waiting out a failure.
   *
   * @param urgency greater is sooner; for nodes, how many pods wait
   */
  public void add(K key, int urgency, Instant now) {
    Entry<K> entry = entries.computeIfAbsent(key, Entry::new);
    if (entry.place == Place.IN_FLIGHT) {
      entry.urgency = Math.max(entry.urgency, urgency);
      entry.again = true;
      return;
    }
    Place before = entry.place;
    remove(entry);
    entry.urgency = Math.max(entry.urgency, urgency);
    if (before == Place.READY) {
      // It keeps its place: a key that is added over and over must not starve itself.
      entry.place = Place.READY;
      ready.add(entry);
      return;
    }
    boolean waitsOutFailure = before == Place.WAITING && entry.failures > 0;
    if (!waitsOutFailure) {
      entry.due = now;
    }
    insert(entry, now);
  }

  /** The key to work on now; it is in flight until {@link #done}. */
  public Optional<K> take(Instant now) {
    while (!waiting.isEmpty() && !waiting.first().due.isAfter(now)) {
      Entry<K> due = waiting.pollFirst();
      due.place = Place.READY;
      ready.add(due);
    }
    Entry<K> next = ready.pollFirst();
    if (next == null) {
      return Optional.empty();
    }
    next.place = Place.IN_FLIGHT;
    next.urgency = 0;
    inFlight++;
    return Optional.of(next.key);
  }

  /** The work on {@code key} ended. */
  public void done(K key, Outcome outcome, Instant now) {
    Entry<K> entry = entries.get(key);
    if (entry == null || entry.place != Place.IN_FLIGHT) {
      throw new IllegalStateException(key + " is not in flight");
    }
    entry.place = Place.NOWHERE;
    inFlight--;
    boolean again = entry.again;
    entry.again = false;
    entry.due =
        switch (outcome) {
          case Outcome.Done _ -> {
            entry.failures = 0;
            yield again ? now : Instant.MAX;
          }
          case Outcome.WakeAt wake -> {
            entry.failures = 0;
            yield again ? now : wake.when();
          }
          case Outcome.RetryAfter retry -> {
            entry.failures++;
            yield now.plus(retry.delay());
          }
          case Outcome.Retry _ -> {
            entry.failures++;
            yield now.plus(backoff.after(entry.failures, random));
          }
        };
    if (entry.due.equals(Instant.MAX) && entry.failures == 0) {
      entries.remove(key);
    } else {
      insert(entry, now);
    }
  }

  /** Forgets a key that is not in flight; one that is gets forgotten only by its outcome. */
  public void forget(K key) {
    Entry<K> entry = entries.get(key);
    if (entry != null && entry.place != Place.IN_FLIGHT) {
      remove(entry);
      entries.remove(key);
    }
  }

  /** How long until a key is due; zero if one is. */
  public Optional<Duration> untilNext(Instant now) {
    if (!ready.isEmpty()) {
      return Optional.of(Duration.ZERO);
    }
    if (waiting.isEmpty()) {
      return Optional.empty();
    }
    Duration until = Duration.between(now, waiting.first().due);
    return Optional.of(until.isNegative() ? Duration.ZERO : until);
  }

  public int inFlight() {
    return inFlight;
  }

  private void remove(Entry<K> entry) {
    if (entry.place == Place.WAITING) {
      waiting.remove(entry);
    } else if (entry.place == Place.READY) {
      ready.remove(entry);
    }
    entry.place = Place.NOWHERE;
  }

  private void insert(Entry<K> entry, Instant now) {
    entry.sequence = sequence++;
    if (entry.due.isAfter(now)) {
      entry.place = Place.WAITING;
      waiting.add(entry);
    } else {
      entry.place = Place.READY;
      ready.add(entry);
    }
  }
}
