package io.portolan.policy.agent;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * What policies cost a connection: a pod connects to another of the same node and sends it much,
 * through the table of the agent and through one chain of the same rules.
 *
 * <p>All policies select the server, each lets in another application at another port, and the
 * application that the client is of is let in by the last one that is asked: what a linear chain
 * finds last. Prints rows of a Markdown table: {@code java -cp …
 * io.portolan.policy.agent.ConnectionBenchmark}, as root.
 */
public final class ConnectionBenchmark {
  private static final int[] POLICIES = {1, 100, 1_000, 10_000};

  /** Everybody in turn in each, so that a slow moment of the machine falls on all. */
  private static final int ROUNDS = 21;

  private static final long CONNECTING_NANOS = 50_000_000;
  private static final long STREAM_NANOS = 100_000_000;

  private final List<Measured> all = new ArrayList<>();

  private ConnectionBenchmark() {}

  /** A pair of pods and what was measured there, by round. */
  private static final class Measured {
    private final String table;
    private final String policies;
    private final ConnectedPods pods;
    private final double[] micros = new double[ROUNDS];
    private final double[] gigabits = new double[ROUNDS];

    private Measured(String table, String policies, ConnectedPods pods) {
      this.table = table;
      this.policies = policies;
      this.pods = pods;
    }
  }

  public static void main(String[] arguments) throws Exception {
    ConnectionBenchmark benchmark = new ConnectionBenchmark();
    try {
      benchmark.run();
    } finally {
      benchmark.all.forEach(measured -> measured.pods.close());
    }
  }

  private void run() throws Exception {
    add("none at all", "", ConnectedPods.open());
    add("connection tracking only", "", ConnectedPods.tracked());
    for (int policies : POLICIES) {
      add("Portolan", "%,d".formatted(policies), ConnectedPods.policed(policies));
    }
    for (int policies : POLICIES) {
      add("one chain", "%,d".formatted(policies), ConnectedPods.linear(policies));
    }
    for (int round = -1; round < ROUNDS; round++) {
      for (Measured measured : all) {
        double micros = measured.pods.microsPerConnection(CONNECTING_NANOS);
        double gigabits = measured.pods.gigabitsPerSecond(STREAM_NANOS);
        if (round >= 0) { // The first is there for the code to be compiled.
          measured.micros[round] = micros;
          measured.gigabits[round] = gigabits;
        }
      }
    }
    Measured base = all.get(1);
    for (Measured measured : all) {
      double micros = median(measured.micros);
      double gigabits = median(measured.gigabits);
      System.out.printf(
          Locale.ROOT,
          "| %s | %s | %.1f | %,.0f | %.2f | %.1f | %.2f |%n",
          measured.table,
          measured.policies,
          micros,
          1e6 / micros,
          ratio(measured, base, m -> 1 / median(m.micros)),
          gigabits,
          ratio(measured, base, m -> median(m.gigabits)));
    }
  }

  private void add(String table, String policies, ConnectedPods pods) {
    System.err.printf("%s %s%n", table, policies);
    all.add(new Measured(table, policies, pods));
  }

  private static double ratio(Measured one, Measured base, ToDoubleFunction<Measured> figure) {
    return figure.applyAsDouble(one) / figure.applyAsDouble(base);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
