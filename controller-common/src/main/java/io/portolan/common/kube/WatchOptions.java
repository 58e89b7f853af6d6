package io.portolan.common.kube;

import java.time.Duration;
import java.util.Optional;

/**
 * How a watch behaves.
 *
 * @param pageSize objects per page of a list
 * @param backoff between attempts to reach the server
 * @param streamTimeout how long the server keeps one stream open; stretched by up to half, so that
 *     streams do not all end together
 * @param idleLimit silence after which a stream is taken for dead. Servers send a bookmark about
 *     once a minute; a stream cut here goes on from where it was
 * @param absence for a resource that need not be installed: while the server does not know it,
 *     there are no objects of it, and it is asked again after this long. Empty for one that must be
 *     there, whose absence is a fault
 * @param retention how long a resource that the server knew counts as out of reach, with the
 *     objects it had, before its absence is believed: an API server that starts, or one behind it
 *     that is replaced, may deny what is there. Who uninstalls a resource deletes its objects first
 * @param known whether the server is taken to have known the resource when the watch begins
 */
public record WatchOptions(
    int pageSize,
    Backoff backoff,
    Duration streamTimeout,
    Duration idleLimit,
    Optional<Duration> absence,
    Duration retention,
    boolean known) {

  /** Pages of 500, back-off 0.2 to 30 s, streams of 5 to 7.5 minutes, idle limit 3 minutes. */
  public static final WatchOptions DEFAULT =
      new WatchOptions(
          500,
          new Backoff(Duration.ofMillis(200), Duration.ofSeconds(30)),
          Duration.ofMinutes(5),
          Duration.ofMinutes(3));

  /** For a resource that must be installed. */
  public WatchOptions(int pageSize, Backoff backoff, Duration streamTimeout, Duration idleLimit) {
    this(pageSize, backoff, streamTimeout, idleLimit, Optional.empty(), Duration.ZERO, false);
  }

  /** For a resource that need not be installed. */
  public WatchOptions withAbsence(Duration askAgainAfter, Duration retention) {
    return new WatchOptions(
        pageSize, backoff, streamTimeout, idleLimit, Optional.of(askAgainAfter), retention, known);
  }

  /** The same with another retention. */
  public WatchOptions withRetention(Duration next) {
    return new WatchOptions(pageSize, backoff, streamTimeout, idleLimit, absence, next, known);
  }

  /** For a resource whose objects are known already, from elsewhere. */
  public WatchOptions presumed() {
    return new WatchOptions(pageSize, backoff, streamTimeout, idleLimit, absence, retention, true);
  }

  public WatchOptions {
    if (absence.filter(pause -> !pause.isPositive()).isPresent()) {
      throw new IllegalArgumentException("absence must be positive, not " + absence.get());
    }
    if (retention.isNegative()) {
      throw new IllegalArgumentException("retention must not be negative, as " + retention + " is");
    }
    if (pageSize < 1) {
      throw new IllegalArgumentException("pageSize must be at least 1, not " + pageSize);
    }
    if (streamTimeout.toSeconds() < 1 || !idleLimit.isPositive()) {
      throw new IllegalArgumentException(
          "streamTimeout must be at least 1 s and idleLimit positive, not "
              + streamTimeout
              + " and "
              + idleLimit);
    }
  }
}
