package io.portolan.lab.bench;

import io.portolan.lab.cluster.Program;
import io.portolan.lab.cluster.Software;
import io.portolan.lab.control.LabDirectory;
import io.portolan.lab.scenario.Progress;
import io.portolan.linux.route.LinkChange;
import io.portolan.linux.route.LinkRef;
import io.portolan.linux.route.RouteSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What policy does to packets: a node with the real agent, for one benchmark after another. */
final class PacketBench {
  private static final List<Integer> POLICIES = List.of(1, 1_000);
  private static final int CUTS = 100;
  private static final int STARTS = 500;
  private static final int KILLS = 20;
  private static final int OPEN_STARTS = 3;
  private static final long SEED = 1;

  private final Software software;
  private final Progress progress;

  PacketBench(Software software, Progress progress) {
    this.software = software;
    this.progress = progress;
  }

  /** Flows that an edit of a policy cuts; a table. */
  String cuts() throws IOException, InterruptedException {
    List<CutBench.Cuts> measured = new ArrayList<>();
    List<Program> started = new ArrayList<>();
    try (LabDirectory directory = directory();
        BenchCluster cluster = new BenchCluster(software.customResourceDefinitions());
        BenchNode node = new BenchNode(directory, cluster, software.cniShim())) {
      try {
        node.startTimed(software.nodeAgent(node.arguments()), started);
        try (CutBench bench =
            new CutBench(cluster, new NodePods(cluster, node, software.cniShim()), SEED)) {
          for (int policies : POLICIES) {
            progress.step("flows that are cut, among %,d policies".formatted(policies));
            measured.add(bench.cut(policies, CUTS));
          }
        }
      } finally {
        started.forEach(Program::kill);
      }
    }
    return CutBench.table(measured);
  }

  /**
   * Pods that start and end while others send to them; a table.
   *
   * @throws IOException also if nothing would arrive at pods without policy: then nothing is shown
   */
  String hostileStarts() throws IOException, InterruptedException {
    try (LabDirectory directory = directory();
        BenchCluster cluster =
            new BenchCluster(software.customResourceDefinitions(), HostileStarts.PREFIXES);
        BenchNode node = new BenchNode(directory, cluster, software.cniShim());
        HostileStarts starts =
            new HostileStarts(
                cluster,
                node,
                new NodePods(cluster, node, software.cniShim()),
                software.nodeAgent(HostileStarts.arguments(node)))) {
      HostileStarts.Outcome open = starts.open(OPEN_STARTS, SEED);
      if (open.reachedPods() == 0 || open.leftPods() == 0) {
        throw new IOException("no packet arrives where no policy is: " + open);
      }
      List<HostileStarts.Outcome> denied = new ArrayList<>();
      for (int kills : List.of(0, KILLS)) {
        progress.step(
            "%,d pod starts among hostile senders, the agent killed %d times"
                .formatted(STARTS, kills));
        denied.add(starts.denied(STARTS, kills, SEED));
      }
      return HostileStarts.table(denied);
    }
  }

  private static LabDirectory directory() throws IOException {
    LabDirectory.sweep(LabDirectory.root());
    try (RouteSocket own = RouteSocket.open()) {
      own.change(LinkRef.named("lo"), LinkChange.UP);
    }
    return LabDirectory.claim(LabDirectory.root(), "bench")
        .orElseThrow(() -> new IllegalStateException("benchmarks are running already"));
  }
}
