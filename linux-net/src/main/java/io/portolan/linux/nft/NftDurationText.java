package io.portolan.linux.nft;

import java.time.Duration;

/** Durations as nft writes them: {@code 1d2h3m4s5ms}, leaving out what is zero. */
final class NftDurationText {
  private NftDurationText() {}

  static String of(Duration duration) {
    StringBuilder out = new StringBuilder();
    append(out, duration.toDaysPart(), "d");
    append(out, duration.toHoursPart(), "h");
    append(out, duration.toMinutesPart(), "m");
    append(out, duration.toSecondsPart(), "s");
    append(out, duration.toMillisPart(), "ms");
    return out.isEmpty() ? "0s" : out.toString();
  }

  private static void append(StringBuilder out, long amount, String unit) {
    if (amount != 0) {
      out.append(amount).append(unit);
    }
  }
}
