package io.portolan.common.model;

import io.portolan.common.resilience.Pause;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Semaphore;

/**
 * Many threads in virtual time, one running at any moment, in an order that depends on nothing but
 * the tasks: whoever sleeps hands over to whoever wakes first.
 */
public final class Simulation implements InstantSource, Pause {
  private final PriorityQueue<Wake> wakes =
      new PriorityQueue<>(Comparator.comparing(Wake::at).thenComparingLong(Wake::number));
  private final Semaphore control = new Semaphore(0);
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private long numbers;

  private record Wake(Instant at, long number, Semaphore gate) {}

  @Override
  public Instant instant() {
    return now;
  }

  /** Starts a task now; it first runs when the caller sleeps or {@link #run} is called. */
  public void spawn(Runnable task) {
    spawnAt(now, task);
  }

  public void spawnAt(Instant at, Runnable task) {
    Semaphore gate = new Semaphore(0);
    wakes.add(new Wake(at, numbers++, gate));
    Thread.startVirtualThread(() -> {
      gate.acquireUninterruptibly();
      try {
        task.run();
      } finally {
        control.release();
      }
    });
  }

  @Override
  public void sleep(Duration time) {
    Semaphore gate = new Semaphore(0);
    wakes.add(new Wake(now.plus(time), numbers++, gate));
    control.release();
    gate.acquireUninterruptibly();
  }

  /** Runs until nothing is left to do or {@code until} is reached. */
  public void run(Instant until) {
    while (!wakes.isEmpty() && !wakes.peek().at().isAfter(until)) {
      Wake next = wakes.remove();
      now = next.at();
      next.gate().release();
      control.acquireUninterruptibly();
    }
    now = until.isAfter(now) ? until : now;
  }
}
