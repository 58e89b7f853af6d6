package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.linux.nft.kernel.KernelNftTables;
import io.portolan.policy.compile.RandomCluster;
import io.portolan.policy.compile.RandomModel;
import io.portolan.policy.compile.Removals;
import io.portolan.policy.compile.Reporting;
import io.portolan.policy.model.ClusterChange;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The enforcer against the kernel's own table: what it meant to program is what is read back. */
class EnforcerNetnsIT {
  private final long seed = Long.getLong("portolan.seed", System.nanoTime());
  private final RecordingObserver observer = new RecordingObserver();

  @Test
  void everyStepLeavesTheKernelWithExactlyTheCompiledTable() throws Exception {
    for (int round = 0; round < 25; round++) {
      Random random = new Random(seed + round);
      Reporting reporting = round % 2 == 0 ? Reporting.ALL : Reporting.COUNTS;
      try (NetworkLab lab = new NetworkLab()) {
        Enforcer enforcer = enforcer(lab, reporting);
        enforcer.start();
        enforcer.synced();
        List<ClusterChange> present = List.of();
        for (int state = 0; state < 6; state++) {
          RandomCluster cluster =
              state % 2 == 0 ? RandomCluster.draw(random) : RandomCluster.drawWide(random);
          List<ClusterChange> next = new ArrayList<>(cluster.changes());
          next.addAll(RandomModel.draw(random).changes());
          List<ClusterChange> steps = new ArrayList<>(Removals.between(present, next));
          steps.addAll(next);
          Collections.shuffle(steps, random);
          for (ClusterChange step : steps) {
            enforcer.apply(step);
            if (random.nextInt(5) == 0) {
              enforcer.commit();
            }
          }
          next.forEach(enforcer::apply);
          enforcer.commit();
          // As the thread does some milliseconds later: it removes what the commit left unused, and
          // until then an audit looks at nothing.
          enforcer.proveGeneration();
          enforcer.audit();
          assertThat(observer.take())
              .as("seed %d", seed + round)
              .allMatch(line -> line.startsWith("committed"));
          present = next;
        }
        assertThat(lab.nft("list", "ruleset")).contains("table inet portolan");
        assertThat(lab.nft("-j", "list", "ruleset")).contains("portolan");

        Enforcer restarted = enforcer(lab, reporting);
        restarted.start();
        present.forEach(restarted::apply);
        restarted.synced();
        restarted.commit();
        assertThat(observer.take())
            .as("seed %d: a restart finds nothing to do", seed + round)
            .isEmpty();
      }
    }
  }

  @Test
  void repairsWhatSomebodyElseChanged() throws Exception {
    try (NetworkLab lab = new NetworkLab()) {
      Enforcer enforcer = enforcer(lab, Reporting.ALL);
      enforcer.start();
      RandomCluster.draw(new Random(seed)).changes().forEach(enforcer::apply);
      enforcer.synced();
      enforcer.commit();
      enforcer.proveGeneration();
      List<String> wanted = listing(lab);
      lab.nft("flush", "chain", "inet", "portolan", "forward_egress");
      lab.nft("add", "element", "inet", "portolan", "pods", "{", "\"eth0\"", "}");
      lab.nft("add", "rule", "inet", "portolan", "spared", "tcp", "dport", "22", "log");
      observer.take();
      enforcer.audit();
      assertThat(observer.take()).singleElement().asString().startsWith("repaired");
      assertThat(listing(lab)).isEqualTo(wanted);
      lab.nft("delete", "table", "inet", "portolan");
      enforcer.audit();
      assertThat(listing(lab)).isEqualTo(wanted);
    }
  }

  /**
   * The listing by object, because nft lists in order of creation, and without what was counted and
   * the number of the generation, which every repair raises.
   */
  private static List<String> listing(NetworkLab lab) {
    String body =
        lab.nft("list", "table", "inet", "portolan")
            .replaceAll("ct mark set .*|elements = . 0x.*", "generation")
            .replaceAll("packets .*", "packets");
    return Pattern.compile("\n\t(?=counter|set|map|chain)")
        .splitAsStream(body.replaceAll("\n\\}\\s*$", ""))
        .map(String::strip)
        .sorted()
        .toList();
  }

  private Enforcer enforcer(NetworkLab lab, Reporting reporting) {
    KernelNftTables tables = lab.tables();
    return new Enforcer(tables, () -> {}, observer, InstantSource.system(), reporting);
  }
}
