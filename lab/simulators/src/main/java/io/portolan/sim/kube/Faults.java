package io.portolan.sim.kube;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * What goes wrong on the wire: switchable at any time, drawn from the server's seed.
 *
 * <p>In-process access through {@link KubeObjects} is never disturbed.
 */
public final class Faults {
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Runnable dropWatches;
  private Duration minLatency = Duration.ZERO;
  private Duration maxLatency = Duration.ZERO;
  private double errorRate;
  private double throttleRate;
  private int retryAfterSeconds = 1;
  private double lostReplyRate;
  private Instant downUntil = Instant.MIN;
  private Set<String> forbidden = Set.of();

  Faults(InstantSource clock, RandomGenerator random, Runnable dropWatches) {
    this.clock = clock;
    this.random = random;
    this.dropWatches = dropWatches;
  }

  /** What happens to one request. */
  sealed interface Fate {
    /** Served, after a delay. */
    record Served(Duration delay, boolean replyLost) implements Fate {}

    /** Refused. */
    record Refused(Duration delay, ApiFailure failure) implements Fate {}

    /** The connection breaks without an answer. */
    record Broken() implements Fate {}
  }

  /** Delays each request evenly between two durations. */
  public synchronized Faults latency(Duration min, Duration max) {
    minLatency = min;
    maxLatency = max;
    return this;
  }

  /** Answers a share (0 to 1) of the requests with 500, having done nothing. */
  public synchronized Faults errors(double rate) {
    errorRate = rate;
    return this;
  }

  /** Answers a share (0 to 1) of the requests with 429 and Retry-After. */
  public synchronized Faults throttle(double rate, int retryAfterSeconds) {
    throttleRate = rate;
    this.retryAfterSeconds = retryAfterSeconds;
    return this;
  }

  /** Does a share (0 to 1) of the requests and breaks the connection instead of answering. */
  public synchronized Faults loseReplies(double rate) {
    lostReplyRate = rate;
    return this;
  }

  /** Answers requests for these resources, by their plurals, with 403. */
  public synchronized Faults forbid(String... plurals) {
    forbidden = Set.of(plurals);
    return this;
  }

  /** Breaks every connection, watches too, for a while. */
  public Faults down(Duration time) {
    synchronized (this) {
      downUntil = clock.instant().plus(time);
    }
    dropWatches.run();
    return this;
  }

  /** Ends every watch now, as a restarting server does. */
  public Faults dropWatches() {
    dropWatches.run();
    return this;
  }

  /** Back to health. */
  public synchronized Faults none() {
    minLatency = Duration.ZERO;
    maxLatency = Duration.ZERO;
    errorRate = 0;
    throttleRate = 0;
    lostReplyRate = 0;
    downUntil = Instant.MIN;
    forbidden = Set.of();
    return this;
  }

  /**
   * @param path of the request
   */
  synchronized Fate next(String path) {
    if (clock.instant().isBefore(downUntil)) {
      return new Fate.Broken();
    }
    long spread = maxLatency.minus(minLatency).toNanos();
    Duration delay = spread > 0 ? minLatency.plusNanos(random.nextLong(spread)) : minLatency;
    for (String segment : path.split("/", -1)) {
      if (forbidden.contains(segment)) {
        return new Fate.Refused(delay, ApiFailure.forbidden(segment));
      }
    }
    if (random.nextDouble() < errorRate) {
      return new Fate.Refused(delay, ApiFailure.internal("seeded fault"));
    }
    if (random.nextDouble() < throttleRate) {
      return new Fate.Refused(delay, ApiFailure.tooManyRequests(retryAfterSeconds));
    }
    return new Fate.Served(delay, random.nextDouble() < lostReplyRate);
  }
}
