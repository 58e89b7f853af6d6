package io.portolan.policy.agent;

import io.portolan.policy.model.ClusterChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * What a change of the cluster costs the agent, on the kernel: from the change being handed to the
 * enforcing thread until the kernel has answered that it is in force.
 *
 * <p>Prints rows of a Markdown table, for one number of policies: {@code java -cp …
 * io.portolan.policy.agent.PolicyBenchmark POLICIES PODS}, as root. One process for each, as it
 * measures its own memory.
 */
public final class PolicyBenchmark {
  /** Before what is measured, so that the code is compiled as it is in an agent that runs. */
  private static final int WARM_UP = 200;

  private static final int TIMES = 500;

  /** Between two changes. */
  private static final long PAUSE_MILLIS = 3;

  private final ScaledCluster cluster;
  private final RecordingObserver observer = new RecordingObserver();
  private final List<String> cells = new ArrayList<>();

  private PolicyBenchmark(ScaledCluster cluster) {
    this.cluster = cluster;
  }

  public static void main(String[] arguments) throws Exception {
    int policies = Integer.parseInt(arguments[0]);
    int pods = Integer.parseInt(arguments[1]);
    System.out.println(new PolicyBenchmark(new ScaledCluster(policies, pods)).run());
  }

  private String run() throws Exception {
    try (NetworkLab lab = new NetworkLab()) {
      TimedTables tables = new TimedTables(lab.tables());
      Enforcer enforcer = new Enforcer(tables, () -> {}, observer, InstantSource.system());
      try (EnforcementThread thread =
          EnforcementThread.start(enforcer, List.of(), Duration.ofHours(1))) {
        cells.add("%,d".formatted(cluster.policies()));
        cells.add("%,d".formatted(cluster.pods()));
        load(thread, tables);
        int remote = ScaledCluster.LOCAL_PODS;
        int others = cluster.pods() - remote;
        // Every namespace has a policy that asks for application 0, whatever their number.
        measure(
            "label of a pod",
            thread,
            tables,
            i -> {
              int pod = remote + i * 7919 % others;
              return ScaledCluster.pod(pod, ScaledCluster.application(pod) == 0 ? 1 : 0);
            });
        measure(
            "policy", thread, tables, i -> ScaledCluster.policy(i % cluster.policies(), 9000 + i));
        cells.add("%d".formatted(residentMiB()));
        List<String> wrong =
            observer.take().stream().filter(line -> !line.startsWith("committed")).toList();
        if (!wrong.isEmpty()) {
          throw new IllegalStateException(wrong.toString());
        }
      }
    }
    return "| " + String.join(" | ", cells) + " |";
  }

  private void load(EnforcementThread thread, TimedTables tables) throws Exception {
    long begin = System.nanoTime();
    cluster.describe(thread::changed);
    thread.synced();
    while (thread.problem().isPresent()) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    cells.add(figure((System.nanoTime() - begin) / 1e9));
    TimeUnit.MILLISECONDS.sleep(500);
    tables.forget();
  }

  /** Adds p50, p99 and the largest number of elements and rules that one of the changes touched. */
  private void measure(
      String what, EnforcementThread thread, TimedTables tables, IntFunction<ClusterChange> changes)
      throws InterruptedException {
    long[] nanos = new long[TIMES];
    int[] touched = new int[TIMES];
    for (int i = 0; i < WARM_UP + TIMES; i++) {
      ClusterChange change = changes.apply(i);
      long begin = System.nanoTime();
      thread.changed(change);
      TimedTables.Commit commit = tables.next();
      if (i >= WARM_UP) {
        nanos[i - WARM_UP] = commit.at() - begin;
        touched[i - WARM_UP] = commit.elements() + commit.rules();
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
    Arrays.sort(nanos);
    Arrays.sort(touched);
    System.err.printf(
        Locale.ROOT,
        "%s: p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, max %.2f ms; touched p50 %d, max %d%n",
        what,
        nanos[TIMES / 2] / 1e6,
        nanos[TIMES * 9 / 10] / 1e6,
        nanos[TIMES * 99 / 100] / 1e6,
        nanos[TIMES - 1] / 1e6,
        touched[TIMES / 2],
        touched[TIMES - 1]);
    cells.add(figure(nanos[TIMES / 2] / 1e6));
    cells.add(figure(nanos[TIMES * 99 / 100] / 1e6));
    cells.add("%d".formatted(touched[TIMES - 1]));
  }

  private static String figure(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static long residentMiB() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
        .findFirst()
        .orElseThrow();
  }
}
