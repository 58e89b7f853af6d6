package io.portolan.node.agent;

import io.portolan.common.reconcile.Backoff;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over what the controller publishes: on disk first, then in use, so that a restart without
 * API server stands where the agent stood. One that cannot be written is tried again, with growing
 * delays, until it is on disk or a newer one has taken its place; meanwhile the one before it stays
 * in use.
 *
 * <p>Not thread-safe: calls and steps are of one thread.
 */
final class SupplyIntake {
  private static final Logger LOG = LoggerFactory.getLogger(SupplyIntake.class);

  private final Effects effects;
  private final Backoff backoff;
  private final RandomGenerator random;
  private PublishedSupply current;
  private Optional<PublishedSupply> pending = Optional.empty();
  private int failures;

  /** Rises with every supply that is offered: tells a step of an earlier one to stop. */
  private long epoch;

  /** What a supply has to go through. */
  interface Effects {
    /**
     * @throws IllegalArgumentException if it cannot be understood; the message says why
     */
    void verify(PublishedSupply next);

    /**
     * @throws IOException if it is not on disk
     */
    void write(PublishedSupply next) throws IOException;

    /** Puts it to use. */
    void use(PublishedSupply next);

    /** Runs {@code step} later, on the same thread. */
    void after(Duration delay, Runnable step);
  }

  /**
   * @param current what is in use already
   */
  SupplyIntake(Effects effects, Backoff backoff, RandomGenerator random, PublishedSupply current) {
    this.effects = effects;
    this.backoff = backoff;
    this.random = random;
    this.current = current;
  }

  /** What is in use. */
  PublishedSupply current() {
    return current;
  }

  /** The newest supply there is; repeated ones change nothing. */
  void offer(PublishedSupply next) {
    if (next.equals(pending.orElse(current))) {
      return;
    }
    epoch++;
    failures = 0;
    pending = Optional.empty();
    if (next.equals(current)) {
      return;
    }
    try {
      effects.verify(next);
    } catch (IllegalArgumentException e) {
      LOG.error("the controller's supply cannot be understood and is ignored: {}", e.getMessage());
      return;
    }
    pending = Optional.of(next);
    attempt(next, epoch);
  }

  private void attempt(PublishedSupply next, long attemptEpoch) {
    if (attemptEpoch != epoch) {
      return;
    }
    try {
      effects.write(next);
    } catch (IOException e) {
      failures++;
      Duration delay = backoff.after(failures, random);
      LOG.warn(
          "supply {} cannot be written to disk and is not in use yet, tried again in {} s: {}",
          next.supply().revision(),
          delay.toSeconds(),
          e.toString());
      effects.after(delay, () -> attempt(next, attemptEpoch));
      return;
    }
    pending = Optional.empty();
    current = next;
    effects.use(next);
  }
}
