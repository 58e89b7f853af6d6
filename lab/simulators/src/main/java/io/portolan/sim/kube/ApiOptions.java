package io.portolan.sim.kube;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * How a server behaves.
 *
 * @param seed of uids, generated names and faults
 * @param clock of time stamps and outages
 * @param logCapacity how many changes a watch may lag behind before its version is too old
 * @param bookmarkInterval how often a watch that asked for them gets a bookmark
 * @param bearerToken required of every request, if present
 */
public record ApiOptions(
    long seed,
    InstantSource clock,
    int logCapacity,
    Duration bookmarkInterval,
    Optional<String> bearerToken) {

  /** System time, 20,000 changes, a bookmark every 10 seconds, no token. */
  public static final ApiOptions DEFAULT =
      new ApiOptions(1, InstantSource.system(), 20_000, Duration.ofSeconds(10), Optional.empty());

  public ApiOptions {
    if (logCapacity < 1) {
      throw new IllegalArgumentException("logCapacity must be at least 1, not " + logCapacity);
    }
    if (!bookmarkInterval.isPositive()) {
      throw new IllegalArgumentException("bookmarkInterval must be positive: " + bookmarkInterval);
    }
  }

  public ApiOptions withSeed(long value) {
    return new ApiOptions(value, clock, logCapacity, bookmarkInterval, bearerToken);
  }

  public ApiOptions withClock(InstantSource value) {
    return new ApiOptions(seed, value, logCapacity, bookmarkInterval, bearerToken);
  }

  public ApiOptions withLogCapacity(int value) {
    return new ApiOptions(seed, clock, value, bookmarkInterval, bearerToken);
  }

  public ApiOptions withBookmarkInterval(Duration value) {
    return new ApiOptions(seed, clock, logCapacity, value, bearerToken);
  }

  public ApiOptions withBearerToken(String value) {
    return new ApiOptions(seed, clock, logCapacity, bookmarkInterval, Optional.of(value));
  }
}
