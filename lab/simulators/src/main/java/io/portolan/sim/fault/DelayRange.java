package io.portolan.sim.fault;

import java.time.Duration;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A duration drawn evenly between two bounds. As text {@code 250ms}, {@code 2s} or {@code
 * 100ms..2s}.
 *
 * @param min the shortest, not negative
 * @param max the longest, not below {@code min}
 */
public record DelayRange(Duration min, Duration max) {
  public static final DelayRange NONE = new DelayRange(Duration.ZERO, Duration.ZERO);

  private static final Pattern PART = Pattern.compile("(\\d{1,9})(ms|s|m)");

  public DelayRange {
    if (min.isNegative() || max.compareTo(min) < 0) {
      throw new IllegalArgumentException(
          min + ".." + max + ": a delay is not negative and its bounds are in order");
    }
  }

  public static DelayRange of(Duration exactly) {
    return new DelayRange(exactly, exactly);
  }

  public static DelayRange ofMillis(long min, long max) {
    return new DelayRange(Duration.ofMillis(min), Duration.ofMillis(max));
  }

  /**
   * @throws IllegalArgumentException if the text is not one duration or two joined by {@code ..}
   */
  public static DelayRange parse(String text) {
    int dots = text.indexOf("..");
    return dots < 0
        ? of(duration(text))
        : new DelayRange(duration(text.substring(0, dots)), duration(text.substring(dots + 2)));
  }

  public boolean isNone() {
    return max.isZero();
  }

  public Duration sample(RandomGenerator random) {
    return min.plusNanos(random.nextLong(max.minus(min).toNanos() + 1));
  }

  private static Duration duration(String text) {
    if (text.equals("0")) {
      return Duration.ZERO;
    }
    Matcher part = PART.matcher(text);
    if (!part.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a delay; write 250ms, 2s, 1m or a range such as 100ms..2s");
    }
    long amount = Long.parseLong(part.group(1));
    return switch (part.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      default -> Duration.ofMinutes(amount);
    };
  }

  @Override
  public String toString() {
    return min.equals(max)
        ? min.toMillis() + "ms"
        : min.toMillis() + "ms.." + max.toMillis() + "ms";
  }
}
