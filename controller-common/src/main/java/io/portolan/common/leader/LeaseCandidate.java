package io.portolan.common.leader;

import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One contender for a lease.
 *
 * <p>GOAL: at no moment do two contenders hold a current leadership. CONSTRAINTS: wall clocks may
 * show anything, replies get lost, calls take arbitrarily long. RULES:
 *
 * <ul>
 *   <li>A holder is current until {@code renewDeadline} after it <em>sent</em> the last write that
 *       succeeded; a write without an answer counts as not done.
 *   <li>A contender takes over when it has seen the same record for the record's whole duration by
 *       its own monotonic clock. It cannot have seen the record before it was sent, and the
 *       duration is longer than the deadline, so the holder has stopped.
 * </ul>
 *
 * <p>Example with 15 s and 10 s: sent at 0, seen at 1; the holder stops at 10, the other begins at
 * 16.
 *
 * <p>{@link #attempt} and {@link #release} belong to one thread; {@link #isCurrent} to any.
 */
public final class LeaseCandidate implements Leadership {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseCandidate.class);

  private final LeaseStore store;
  private final String identity;
  private final LeaseTiming timing;
  private final LongSupplier nanoTime;
  private final InstantSource wallClock;

  /** When leadership ends, by {@code nanoTime}; meaningless unless {@code held}. */
  private volatile Tenure tenure = Tenure.NONE;

  // Owned by the thread.
  private LeaseRecord seen = LeaseRecord.NONE;
  private long seenAt;
  private boolean sure;

  private record Tenure(boolean held, long until) {
    private static final Tenure NONE = new Tenure(false, 0);
  }

  /**
   * @param identity unlike that of any other process, past ones included
   * @param nanoTime monotonic, in nanoseconds
   * @param wallClock for the times that people read in the Lease
   */
  public LeaseCandidate(
      LeaseStore store,
      String identity,
      LeaseTiming timing,
      LongSupplier nanoTime,
      InstantSource wallClock) {
    if (identity.isEmpty()) {
      throw new IllegalArgumentException("a contender needs an identity");
    }
    this.store = store;
    this.identity = identity;
    this.timing = timing;
    this.nanoTime = nanoTime;
    this.wallClock = wallClock;
  }

  @Override
  public boolean isCurrent() {
    Tenure now = tenure;
    return now.held && nanoTime.getAsLong() - now.until < 0;
  }

  /** Renews, takes over, or waits; at most one read and one write. */
  public void attempt() {
    // While we are sure of the record, its version saves the read.
    if (!sure || !seen.holder().equals(identity)) {
      if (!look()) {
        return;
      }
    }
    boolean mine = seen.holder().equals(identity);
    if (!mine) {
      tenure = Tenure.NONE;
      boolean expired =
          nanoTime.getAsLong() - seenAt >= seen.duration().toNanos() && !seen.version().isEmpty();
      if (!seen.holder().isEmpty() && !expired) {
        return;
      }
    }
    long sent = nanoTime.getAsLong();
    switch (store.write(claim(mine))) {
      case KubeResult.Ok<LeaseRecord>(LeaseRecord written) -> {
        saw(written);
        if (!mine) {
          LOG.info("{} leads from now on", identity);
        }
        tenure = new Tenure(true, sent + timing.renewDeadline().toNanos());
      }
      case KubeResult.Failed<LeaseRecord>(KubeFault fault) -> {
        // Perhaps written, perhaps not: the next attempt looks.
        sure = false;
        LOG.debug("lease not written: {}", fault);
      }
    }
  }

  private LeaseRecord claim(boolean mine) {
    java.time.Instant now = wallClock.instant();
    return new LeaseRecord(
        identity,
        timing.leaseDuration(),
        mine ? seen.acquired() : now,
        now,
        mine || seen.version().isEmpty() ? seen.transitions() : seen.transitions() + 1,
        seen.version());
  }

  private boolean look() {
    return switch (store.read()) {
      case KubeResult.Ok<LeaseRecord>(LeaseRecord record) -> {
        saw(record);
        yield true;
      }
      case KubeResult.Failed<LeaseRecord>(KubeFault fault) -> {
        LOG.debug("lease not read: {}", fault);
        yield false;
      }
    };
  }

  private void saw(LeaseRecord record) {
    sure = true;
    if (!record.equals(seen)) {
      seen = record;
      // Not before the record was sent, which is what matters.
      seenAt = nanoTime.getAsLong();
    }
  }

  /**
   * Gives the lease up, so that another can take it at its next attempt.
   *
   * <p>Order: first stop acting, then say so. A crash in between leaves a lease that expires.
   */
  public void release() {
    tenure = Tenure.NONE;
    if (!sure || !seen.holder().equals(identity)) {
      return;
    }
    LeaseRecord free =
        new LeaseRecord(
            "",
            Duration.ofSeconds(1),
            seen.acquired(),
            wallClock.instant(),
            seen.transitions(),
            seen.version());
    Optional<KubeFault> fault = store.write(free).failure();
    sure = false;
    fault.ifPresent(f -> LOG.info("the lease could not be released and will expire: {}", f));
  }
}
