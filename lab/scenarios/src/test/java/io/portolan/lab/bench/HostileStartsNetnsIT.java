package io.portolan.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.lab.control.LabDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real agent and the real plugin, killed and restarted, beside those who send all the time. */
@Timeout(600)
final class HostileStartsNetnsIT {
  private static final int STARTS = Integer.getInteger("portolan.hostile.starts", 60);
  private static final int KILLS = Integer.getInteger("portolan.hostile.kills", 6);
  private static final long SEED = Long.getLong("portolan.seed", System.nanoTime());

  @TempDir Path directory;

  @Test
  void noPacketReachesOrLeavesAPodThatIsDeniedEverything() throws Exception {
    System.out.println("seed " + SEED);
    try (LabDirectory lab = LabDirectory.claim(directory, "hostile").orElseThrow();
        BenchCluster cluster =
            new BenchCluster(AgentCommand.customResources(), HostileStarts.PREFIXES);
        BenchNode node = new BenchNode(lab, cluster, AgentCommand.shim());
        HostileStarts starts =
            new HostileStarts(
                cluster,
                node,
                new NodePods(cluster, node, AgentCommand.shim()),
                AgentCommand.of(HostileStarts.arguments(node)))) {
      HostileStarts.Outcome open = starts.open(3, SEED);
      assertThat(open.reachedPods()).as("packets to pods that are open").isPositive();
      assertThat(open.leftPods()).as("packets of pods that are open").isPositive();
      List<HostileStarts.Outcome> denied = new ArrayList<>();
      denied.add(starts.denied(STARTS, 0, SEED));
      denied.add(starts.denied(STARTS, KILLS, SEED));
      System.out.println("open: " + open + "\n" + HostileStarts.table(denied));
      assertThat(denied).allMatch(outcome -> outcome.reachedPods() == 0 && outcome.leftPods() == 0);
    }
  }
}
