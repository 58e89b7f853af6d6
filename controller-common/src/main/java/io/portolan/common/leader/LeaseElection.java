package io.portolan.common.leader;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * Takes part in an election until it is closed, on a virtual thread of its own.
 *
 * <p>Effects under way when it is closed should be finished first: closing gives the lease up.
 */
public final class LeaseElection implements Leadership, AutoCloseable {
  private final LeaseCandidate candidate;
  private final LeaseTiming timing;
  private final Consumer<Boolean> listener;
  private final Thread thread;
  private volatile boolean closed;

  private LeaseElection(
      LeaseStore store, String identity, LeaseTiming timing, Consumer<Boolean> listener) {
    this.timing = timing;
    this.listener = listener;
    this.candidate =
        new LeaseCandidate(store, identity, timing, System::nanoTime, InstantSource.system());
    this.thread = Thread.ofVirtual().name("lease-election").unstarted(this::run);
  }

  /**
   * Starts taking part.
   *
   * @param store whose calls should end within the retry period, or leadership is lost to slowness
   * @param identity unlike that of any other process
   * @param listener told of each change on the election's thread; a hint to begin or stop, no
   *     replacement for {@link #isCurrent}
   */
  public static LeaseElection start(
      LeaseStore store, String identity, LeaseTiming timing, Consumer<Boolean> listener) {
    LeaseElection election = new LeaseElection(store, identity, timing, listener);
    election.thread.start();
    return election;
  }

  @Override
  public boolean isCurrent() {
    return !closed && candidate.isCurrent();
  }

  private void run() {
    boolean told = false;
    while (!closed) {
      candidate.attempt();
      boolean current = candidate.isCurrent();
      if (current != told) {
        told = current;
        listener.accept(current);
      }
      pause();
    }
    candidate.release();
    if (told) {
      listener.accept(false);
    }
  }

  /** Spread by a fifth, so that contenders do not move in step. */
  private void pause() {
    long nanos = timing.retryPeriod().toNanos();
    try {
      Thread.sleep(Duration.ofNanos(nanos - ThreadLocalRandom.current().nextLong(nanos / 5 + 1)));
    } catch (InterruptedException e) {
      // Closing: the loop ends.
    }
  }

  /** Stops at once and releases the lease; waits for that as long as a renewal may take. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(timing.renewDeadline());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
