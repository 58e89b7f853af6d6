package io.portolan.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Flow;
import io.portolan.policy.nft.FlowWalk;
import io.portolan.policy.nft.Skeleton;
import io.portolan.policy.nft.TableDiff;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The compiled form of Calico's policies against their text, and against its own history. */
class CalicoFormTest {
  private final long seed = Long.getLong("portolan.seed", System.nanoTime());

  @Test
  void agreesWithTheText() throws Exception {
    int denied = 0;
    int allowed = 0;
    for (int i = 0; i < 2500; i++) {
      Random random = new Random(seed + i);
      RandomCalico calico = RandomCalico.draw(random);
      NaiveCalico expected = new NaiveCalico(calico);
      DesiredTable table = new DesiredTable();
      feed(new PolicyCompiler(table), calico.changes());
      FlowWalk compiled = new FlowWalk(table.image());
      for (Flow flow : calico.flows(random)) {
        if (expected.isOfOnePod(flow)) {
          continue;
        }
        boolean allows = expected.allows(flow);
        assertThat(compiled.allows(flow))
            .as("seed %d: %s in %s", seed + i, flow, calico)
            .isEqualTo(allows);
        denied += allows ? 0 : 1;
        allowed += allows ? 1 : 0;
      }
    }
    assertThat(denied).isGreaterThan(10_000);
    assertThat(allowed).isGreaterThan(10_000);
  }

  /** Detours: other states before, objects in any order, settled in between or not. */
  @Test
  void theTableDependsOnTheStateNotOnItsHistory() throws Exception {
    for (int i = 0; i < 400; i++) {
      Random random = new Random(seed + i);
      DesiredTable direct = new DesiredTable();
      DesiredTable wandering = new DesiredTable();
      PolicyCompiler compiler = new PolicyCompiler(wandering);
      List<ClusterChange> present = new ArrayList<>();
      for (int n = 0; n < 4; n++) {
        List<ClusterChange> next = RandomCalico.draw(random).changes();
        List<ClusterChange> steps = new ArrayList<>(Removals.between(present, next));
        steps.addAll(next);
        Collections.shuffle(steps, random);
        for (ClusterChange step : steps) {
          compiler.apply(step);
          if (random.nextInt(4) == 0) {
            compiler.settle();
          }
          if (random.nextInt(10) == 0) {
            wandering.committed();
          }
        }
        // A pod wired before its predecessor's end was heard of pushed that one out for good.
        feed(compiler, next);
        present = next;
      }
      feed(new PolicyCompiler(direct), present);
      assertThat(text(wandering)).as("seed %d", seed + i).isEqualTo(text(direct));
    }
  }

  private static void feed(PolicyCompiler compiler, List<ClusterChange> changes) {
    changes.forEach(compiler::apply);
    compiler.settle();
  }

  /** The whole table as a script. */
  private static String text(DesiredTable table) {
    return TableDiff.rebuild(Skeleton.TABLE, table.image()).toString();
  }
}
