package io.portolan.common.resilience;

import io.portolan.common.cloud.ApiCatalog;
import java.time.Duration;
import java.time.Instant;

/**
 * A token bucket as a value, that a throttling answer slows down.
 *
 * <p>The published bucket is where it starts, not what it trusts: the account may have others that
 * draw from it, or a raised limit. Each throttling answer halves the refill rate (at most once in a
 * second: answers to calls that left together are one sign) and empties the bucket; afterwards the
 * rate grows back linearly, from a half to the whole in {@link #RECOVERY}.
 *
 * @param published what the provider documents
 * @param tokens requests that may leave now; negative when more were made than planned
 * @param factor share of the published rate in use, {@link #LEAST} to 1
 * @param at when {@code tokens} and {@code factor} held
 * @param throttledAt when the rate was last halved
 * @param closedUntil nothing leaves before, because the provider said so
 */
public record AdaptiveBucket(
    ApiCatalog.Bucket published,
    double tokens,
    double factor,
    Instant at,
    Instant throttledAt,
    Instant closedUntil) {
  private static final double LEAST = 1.0 / 64;
  private static final Duration RECOVERY = Duration.ofSeconds(60);
  private static final Duration SAME_SIGN = Duration.ofSeconds(1);

  /** A full bucket at the published rate. */
  public static AdaptiveBucket full(ApiCatalog.Bucket published, Instant now) {
    return new AdaptiveBucket(published, published.capacity(), 1, now, Instant.MIN, Instant.MIN);
  }

  /** The same bucket at {@code now}, with what has flowed in since. */
  public AdaptiveBucket at(Instant now) {
    if (!now.isAfter(at)) {
      return this;
    }
    double seconds = Duration.between(at, now).toNanos() / 1e9;
    double grown = Math.min(1, factor + seconds * 0.5 / RECOVERY.toSeconds());
    double flowed = seconds * published.refillPerSecond() * (factor + grown) / 2;
    return new AdaptiveBucket(
        published,
        Math.min(published.capacity(), tokens + flowed),
        grown,
        now,
        throttledAt,
        closedUntil);
  }

  /** So many requests less; more, if negative: they did not leave. */
  AdaptiveBucket take(int requests) {
    double left = Math.clamp(tokens - requests, -published.capacity(), published.capacity());
    return new AdaptiveBucket(published, left, factor, at, throttledAt, closedUntil);
  }

  /** Requests per second that flow in now. */
  public double rate() {
    return published.refillPerSecond() * factor;
  }

  /** After a throttling answer at {@code now}. */
  AdaptiveBucket throttled(Instant now, Duration retryAfter) {
    AdaptiveBucket current = at(now);
    boolean sameSign = now.isBefore(plus(throttledAt, SAME_SIGN));
    Instant closed = now.plus(retryAfter);
    return new AdaptiveBucket(
        published,
        Math.min(0, current.tokens),
        sameSign ? current.factor : Math.max(LEAST, current.factor / 2),
        current.at,
        sameSign ? throttledAt : now,
        closed.isAfter(closedUntil) ? closed : closedUntil);
  }

  /** How long until {@code requests} may leave, zero if they may now; an estimate from below. */
  Duration untilAllows(int requests, Instant now) {
    AdaptiveBucket current = at(now);
    Duration closed = closedUntil.isAfter(now) ? Duration.between(now, closedUntil) : Duration.ZERO;
    double missing = requests - current.tokens;
    if (missing <= 1e-9) {
      return closed;
    }
    double seconds = missing / (published.refillPerSecond() * current.factor);
    Duration refill = Duration.ofNanos((long) Math.ceil(seconds * 1e9));
    return refill.compareTo(closed) > 0 ? refill : closed;
  }

  /** The share of {@code whole} that the bucket lacks to be full. */
  Duration scarce(Duration whole) {
    double missing = Math.clamp(1 - tokens / published.capacity(), 0, 1);
    return Duration.ofNanos((long) (whole.toNanos() * missing));
  }

  private static Instant plus(Instant moment, Duration more) {
    return moment.equals(Instant.MIN) ? moment : moment.plus(more);
  }
}
