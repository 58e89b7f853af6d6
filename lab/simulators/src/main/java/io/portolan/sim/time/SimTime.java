package io.portolan.sim.time;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;

/** A clock with an agenda: what time it is, and what shall happen later. */
public interface SimTime extends InstantSource {
  /**
   * Runs {@code task} once, when the time is {@code at} or as soon as possible after it.
   *
   * <p>Tasks run one at a time, in order of their time, then in the order they were scheduled. A
   * task must not block: it holds up all later ones.
   */
  void schedule(Instant at, Runnable task);

  /**
   * Holds the calling thread until {@code duration} has passed on this clock. On virtual time that
   * means: until another thread has advanced it far enough.
   */
  default void pause(Duration duration) throws InterruptedException {
    if (duration.isZero() || duration.isNegative()) {
      return;
    }
    CountDownLatch elapsed = new CountDownLatch(1);
    schedule(instant().plus(duration), elapsed::countDown);
    elapsed.await();
  }
}
