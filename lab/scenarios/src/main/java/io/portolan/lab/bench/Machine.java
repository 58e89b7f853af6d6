package io.portolan.lab.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * Where and when figures were taken.
 *
 * @param load the number of runnable processes, averaged over a minute, as the run began
 */
record Machine(
    int cores,
    String processor,
    long memoryMib,
    String kernel,
    String java,
    Instant at,
    String load) {

  static Machine read(Instant now) throws IOException {
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        field("/proc/cpuinfo", "model name"),
        Long.parseLong(field("/proc/meminfo", "MemTotal").replaceAll("\\D", "")) / 1024,
        Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip(),
        Runtime.version().toString(),
        now,
        loadAverage());
  }

  /** The load average of the last minute. */
  static String loadAverage() throws IOException {
    return Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
  }

  private static String field(String file, String name) throws IOException {
    try (var lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown processor");
    }
  }

  /**
   * One paragraph.
   *
   * @param loadAtEnd as {@link #loadAverage()} was when the run ended
   * @param minutes how long the run took
   */
  String text(String loadAtEnd, double minutes) {
    return String.format(
        Locale.ROOT,
        "%d cores (%s), %d MiB of memory, kernel %s, Java %s; %s; load average %s before and %s"
            + " after; the run took %.1f minutes.",
        cores,
        processor,
        memoryMib,
        kernel,
        java,
        at.truncatedTo(ChronoUnit.MINUTES),
        load,
        loadAtEnd,
        minutes);
  }
}
