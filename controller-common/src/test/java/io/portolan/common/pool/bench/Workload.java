package io.portolan.common.pool.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A scale-out: when each node joins and when each of its pods is bound.
 *
 * @param joins from the beginning, one for each node
 * @param binds from the node's joining, one for each pod
 */
record Workload(List<Duration> joins, List<List<Duration>> binds) {
  /** m5.xlarge: 4 interfaces of 15 addresses, one of them the interface's own. */
  static final int INTERFACES = 4;

  static final int SLOTS = 14;

  static Workload scaleOut(int nodes, int podsPerNode, long seed) {
    Random random = new Random(seed);
    List<Duration> joins = new ArrayList<>();
    List<List<Duration>> binds = new ArrayList<>();
    for (int node = 0; node < nodes; node++) {
      joins.add(Duration.ofMillis(random.nextInt(60_000)));
      List<Duration> pods = new ArrayList<>();
      for (int pod = 0; pod < podsPerNode; pod++) {
        pods.add(Duration.ofMillis(random.nextInt(10_000)));
      }
      pods.sort(null);
      binds.add(pods);
    }
    return new Workload(joins, binds);
  }

  int pods() {
    return binds.stream().mapToInt(List::size).sum();
  }
}
