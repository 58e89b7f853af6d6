package io.portolan.common.leader;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.Semaphore;

/**
 * True time, in which contenders act side by side: while one waits for a slow reply, the others go
 * on.
 *
 * <p>Each actor has a thread, but only one runs at a time and the queue decides which, so a seed
 * gives the same course every time. The contenders' clocks start anywhere and run up to a tenth
 * fast or slow.
 */
final class ElectionWorld {
  private static final long TICK = Duration.ofMillis(50).toNanos();

  private final Random random;
  private final ContestedLease lease = new ContestedLease();
  private final List<LeaseCandidate> candidates = new ArrayList<>();
  private final List<String> overlaps = new ArrayList<>();
  private final PriorityQueue<Wake> queue =
      new PriorityQueue<>(Comparator.comparingLong(Wake::at).thenComparingLong(Wake::order));
  private final Semaphore schedulerTurn = new Semaphore(0);
  private boolean running;
  private boolean stopped;
  private long order;
  private long now;
  private long led;

  private record Wake(long at, long order, Semaphore turn) {}

  ElectionWorld(long seed) {
    random = new Random(seed);
  }

  Random random() {
    return random;
  }

  ContestedLease lease() {
    return lease;
  }

  long now() {
    return now;
  }

  /** Moments in which more than one was current. */
  List<String> overlaps() {
    return overlaps;
  }

  /** For how long there was a leader. */
  Duration led() {
    return Duration.ofNanos(led);
  }

  LeaseCandidate join(String identity) {
    long offset = random.nextLong();
    double rate = 0.9 + 0.2 * random.nextDouble();
    Instant wall = Instant.ofEpochSecond(random.nextInt());
    LeaseCandidate candidate =
        new LeaseCandidate(
            lease.wire(random, this::pass),
            identity,
            LeaseTiming.DEFAULT,
            () -> offset + (long) (now * rate),
            () -> wall.plusNanos(now));
    candidates.add(candidate);
    return candidate;
  }

  /** Something that goes on until the world ends; it must let time pass. */
  void actor(Runnable step) {
    Semaphore start = new Semaphore(0);
    queue.add(new Wake(now, order++, start));
    Thread.ofVirtual()
        .start(() -> {
          start.acquireUninterruptibly();
          try {
            while (!stopped) {
              step.run();
            }
          } catch (WorldEnds e) {
            // Unwinds an actor that was waiting.
          }
          schedulerTurn.release();
        });
  }

  private static final class WorldEnds extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Waits, in an actor; advances the clock, outside of {@link #run}. */
  void pass(Duration time) {
    if (!running) {
      advance(now + time.toNanos());
      return;
    }
    Semaphore turn = new Semaphore(0);
    queue.add(new Wake(now + time.toNanos(), order++, turn));
    schedulerTurn.release();
    turn.acquireUninterruptibly();
    if (stopped) {
      throw new WorldEnds();
    }
  }

  void run(Duration duration) {
    running = true;
    long end = now + duration.toNanos();
    while (!queue.isEmpty()) {
      Wake next = queue.remove();
      if (next.at > end) {
        stopped = true;
      }
      advance(Math.min(next.at, end));
      next.turn.release();
      schedulerTurn.acquireUninterruptibly();
    }
    running = false;
  }

  private void advance(long to) {
    while (now < to) {
      long step = Math.min(TICK, to - now);
      now += step;
      long current = candidates.stream().filter(LeaseCandidate::isCurrent).count();
      led += current > 0 ? step : 0;
      if (current > 1) {
        overlaps.add(Duration.ofNanos(now) + ": " + current + " leaders");
      }
    }
  }
}
