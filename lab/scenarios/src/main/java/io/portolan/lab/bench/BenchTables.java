package io.portolan.lab.bench;

import static io.portolan.lab.bench.Table.figure;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Measured figures as tables. */
final class BenchTables {
  private BenchTables() {}

  /**
   * ADD and DEL, and how many times less the first plugin takes than the second.
   *
   * @param ours name of the first plugin
   * @param peer name of the second
   */
  static String latencies(
      Samples ourAdd, Samples ourDel, Samples peerAdd, Samples peerDel, String ours, String peer) {
    return new Table("", "n", "p50 ms", "p90 ms", "p99 ms", "min ms")
        .row(row("ADD, " + ours, ourAdd))
        .row(row("ADD, " + peer, peerAdd))
        .row(ratio("ADD, ratio", ourAdd, peerAdd))
        .row(row("DEL, " + ours, ourDel))
        .row(row("DEL, " + peer, peerDel))
        .row(ratio("DEL, ratio", ourDel, peerDel))
        .toString();
  }

  private static String[] row(String name, Samples samples) {
    return new String[] {
      name,
      Integer.toString(samples.count()),
      figure(samples.medianMillis()),
      figure(samples.millis(0.9)),
      figure(samples.millis(0.99)),
      figure(samples.minMillis())
    };
  }

  private static String[] ratio(String name, Samples ours, Samples peer) {
    return new String[] {
      name,
      "",
      times(peer.medianMillis() / ours.medianMillis()),
      times(peer.millis(0.9) / ours.millis(0.9)),
      times(peer.millis(0.99) / ours.millis(0.99)),
      times(peer.minMillis() / ours.minMillis())
    };
  }

  private static String times(double ratio) {
    return String.format(Locale.ROOT, "**%.1f ×**", ratio);
  }

  /** Storms of {@code pods} pods at once; medians of the rounds. */
  static String storms(int pods, Map<String, List<CniBench.Storm>> storms) {
    Table table =
        new Table(
            "",
            "rounds",
            "all " + pods + " ADD answered, ms",
            "all " + pods + " DEL answered, ms",
            "DEL per second",
            "links gone, ms");
    storms.forEach((plugin, rounds) -> {
      double delete = median(rounds.stream().map(CniBench.Storm::delete).toList());
      table.row(
          plugin,
          Integer.toString(rounds.size()),
          figure(median(rounds.stream().map(CniBench.Storm::add).toList())),
          figure(delete),
          figure(pods / delete * 1000),
          figure(median(rounds.stream().map(CniBench.Storm::gone).toList())));
    });
    return table.toString();
  }

  private static double median(List<Duration> times) {
    return Samples.of(times).medianMillis();
  }

  /** Starts: fresh machines, then restarts on a full node. */
  static String starts(AgentBench.Starts fresh, AgentBench.Starts full) {
    Table table =
        new Table("", "n", "STATUS p50 ms", "STATUS max ms", "/readyz p50 ms", "/readyz max ms");
    addStarts(table, "new machine", fresh);
    addStarts(table, "restart, 110 pods", full);
    return table.toString();
  }

  private static void addStarts(Table table, String what, AgentBench.Starts starts) {
    starts
        .statusAnswered()
        .forEach((command, times) -> {
          Samples status = Samples.of(times);
          Samples ready = Samples.of(starts.ready().getOrDefault(command, times));
          table.row(
              what + ", " + command,
              Integer.toString(status.count()),
              figure(status.medianMillis()),
              figure(status.maxMillis()),
              figure(ready.medianMillis()),
              figure(ready.maxMillis()));
        });
  }

  /** Memory by what the agent has behind it. */
  static String memory(Map<String, AgentBench.Memory> memory) {
    Table table = new Table("", "VmRSS MiB", "peak MiB");
    memory.forEach(
        (what, use) -> table.row(what, figure(use.residentMib()), figure(use.peakMib())));
    return table.toString();
  }
}
