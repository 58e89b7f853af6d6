package io.portolan.common.kube;

import java.time.Duration;

/**
 * How a watch behaves.
 *
 * @param pageSize objects per page of a list
 * @param backoff between attempts to reach the server
 * @param streamTimeout how long the server keeps one stream open; stretched by up to half, so that
 *     streams do not all end together
 * @param idleLimit silence after which a stream is taken for dead. Servers send a bookmark about
 *     once a minute; a stream cut here goes on from where it was
 */
public record WatchOptions(
    int pageSize, Backoff backoff, Duration streamTimeout, Duration idleLimit) {

  /** Pages of 500, back-off 0.2 to 30 s, streams of 5 to 7.5 minutes, idle limit 3 minutes. */
  public static final WatchOptions DEFAULT =
      new WatchOptions(
          500,
          new Backoff(Duration.ofMillis(200), Duration.ofSeconds(30)),
          Duration.ofMinutes(5),
          Duration.ofMinutes(3));

  public WatchOptions {
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
