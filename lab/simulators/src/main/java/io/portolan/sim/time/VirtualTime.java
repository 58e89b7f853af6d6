package io.portolan.sim.time;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * Time that stands still until it is advanced; whoever advances it runs the tasks that come due, on
 * its own thread, each at exactly its own time.
 */
public final class VirtualTime implements SimTime {
  private record Task(Instant at, long order, Runnable action) implements Comparable<Task> {
    @Override
    public int compareTo(Task other) {
      int byTime = at.compareTo(other.at);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final Object lock = new Object();
  private final PriorityQueue<Task> agenda = new PriorityQueue<>();
  private Instant now;
  private long scheduled;

  public VirtualTime(Instant start) {
    now = start;
  }

  /** Starts on 1 January 2026, 00:00 UTC, so that whole outputs can be compared as text. */
  public static VirtualTime create() {
    return new VirtualTime(Instant.parse("2026-01-01T00:00:00Z"));
  }

  @Override
  public Instant instant() {
    synchronized (lock) {
      return now;
    }
  }

  @Override
  public void schedule(Instant at, Runnable task) {
    synchronized (lock) {
      agenda.add(new Task(at, scheduled++, task));
    }
  }

  /** Moves the clock on by {@code duration}, running everything that comes due on the way. */
  public void advance(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("time does not run backwards: " + duration);
    }
    advanceTo(instant().plus(duration));
  }

  /** Moves the clock on to {@code target}; an earlier target only runs what is already due. */
  public void advanceTo(Instant target) {
    for (Optional<Runnable> due = nextDue(target); due.isPresent(); due = nextDue(target)) {
      due.get().run();
    }
    synchronized (lock) {
      now = target.isAfter(now) ? target : now;
    }
  }

  /** Moves to the next task and runs what is due then; false if the agenda is empty. */
  public boolean advanceToNext() {
    Optional<Instant> next = next();
    next.ifPresent(this::advanceTo);
    return next.isPresent();
  }

  /** When the next task is due. */
  public Optional<Instant> next() {
    synchronized (lock) {
      return Optional.ofNullable(agenda.peek()).map(Task::at);
    }
  }

  /** Takes one task off the agenda; it then runs outside the lock, so it may schedule others. */
  private Optional<Runnable> nextDue(Instant target) {
    synchronized (lock) {
      Task next = agenda.peek();
      if (next == null || next.at.isAfter(target)) {
        return Optional.empty();
      }
      agenda.remove();
      now = next.at.isAfter(now) ? next.at : now;
      return Optional.of(next.action);
    }
  }
}
