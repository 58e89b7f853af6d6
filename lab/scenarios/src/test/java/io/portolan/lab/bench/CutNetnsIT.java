package io.portolan.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.lab.cluster.Program;
import io.portolan.lab.control.LabDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real agent, an API server, and flows between pods. */
@Timeout(300)
final class CutNetnsIT {
  private static final int TIMES = Integer.getInteger("portolan.cuts", 5);
  private static final int POLICIES = Integer.getInteger("portolan.policies", 100);
  private static final long SEED = Long.getLong("portolan.seed", 1);

  @TempDir Path directory;

  @Test
  void flowsEndSoonAfterTheEditAndOthersLoseNothing() throws Exception {
    List<CutBench.Cuts> measured = new ArrayList<>();
    List<Program> started = new ArrayList<>();
    try (LabDirectory lab = LabDirectory.claim(directory, "cut").orElseThrow();
        BenchCluster cluster = new BenchCluster(AgentCommand.customResources());
        BenchNode node = new BenchNode(lab, cluster, AgentCommand.shim())) {
      try {
        node.startTimed(AgentCommand.of(node.arguments()), started);
        NodePods pods = new NodePods(cluster, node, AgentCommand.shim());
        try (CutBench bench = new CutBench(cluster, pods, SEED)) {
          measured.add(bench.cut(1, TIMES));
          measured.add(bench.cut(POLICIES, TIMES));
        }
      } finally {
        started.forEach(Program::kill);
      }
    }
    System.out.println("measured, seed " + SEED + ":\n" + CutBench.table(measured));
    // Far more than it takes, as the machine may be busy; ./portolan bench says how long it takes.
    assertThat(measured).allMatch(cuts -> cuts.tcp().maxMillis() < 2_000);
    assertThat(measured).allMatch(cuts -> cuts.udp().maxMillis() < 2_000);
    assertThat(measured).allMatch(cuts -> cuts.lostSegments() == 0 && cuts.lostDatagrams() == 0);
  }
}
