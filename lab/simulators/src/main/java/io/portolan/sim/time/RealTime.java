package io.portolan.sim.time;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The machine's clock, with one daemon thread as the agenda. */
public final class RealTime implements SimTime, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RealTime.class);

  private final InstantSource clock = InstantSource.system();
  private final ScheduledThreadPoolExecutor agenda =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("simulated-time").factory());

  @Override
  public Instant instant() {
    return clock.instant();
  }

  @Override
  public void schedule(Instant at, Runnable task) {
    long delay = Math.max(0, Duration.between(instant(), at).toNanos());
    var _ = agenda.schedule(() -> runLogging(task), delay, TimeUnit.NANOSECONDS);
  }

  /** An executor swallows what a task throws; a simulator that stops moving must say why. */
  private static void runLogging(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      log.error("a scheduled step of the simulation failed", e);
    }
  }

  /** Drops what is still on the agenda. */
  @Override
  public void close() {
    agenda.shutdownNow();
  }
}
