package io.portolan.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.nft.Flow;
import io.portolan.policy.nft.FlowWalk;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Everything the model can say, compiled, against an evaluation of its text. */
class ModelSemanticsTest {
  private final long seed = Long.getLong("portolan.seed", System.nanoTime());

  @Test
  void tiersOrderActionsAndConditionsMeanWhatTheySay() throws Exception {
    int denied = 0;
    int allowed = 0;
    for (int i = 0; i < 2500; i++) {
      Random random = new Random(seed + i);
      RandomCluster cluster = RandomCluster.draw(random).withoutPolicies();
      RandomModel tiers = RandomModel.draw(random);
      NaiveModel expected = new NaiveModel(cluster, tiers);
      List<ClusterChange> changes = new ArrayList<>(cluster.changes());
      changes.addAll(tiers.changes());
      Collections.shuffle(changes, random);
      CompiledNode node = new CompiledNode(CompiledNode.limits(random));
      FlowWalk compiled = new FlowWalk(node.feed(changes).table.image());
      for (Flow flow : cluster.flows(random)) {
        boolean allows = expected.allows(flow);
        assertThat(compiled.allows(flow))
            .as("seed %d: %s in %s with %s", seed + i, flow, cluster, tiers)
            .isEqualTo(allows);
        denied += allows ? 0 : 1;
        allowed += allows ? 1 : 0;
      }
    }
    assertThat(denied).isGreaterThan(10_000);
    assertThat(allowed).isGreaterThan(10_000);
  }

  @Test
  void theTableDependsOnTheStateNotOnItsHistory() throws Exception {
    for (int i = 0; i < 300; i++) {
      Random random = new Random(seed + i);
      RandomCluster cluster = RandomCluster.draw(random);
      PortDispatch.Limits limits = CompiledNode.limits(random);
      CompiledNode wandering = new CompiledNode(limits).feed(cluster.changes());
      List<ClusterChange> present = List.of();
      for (int state = 0; state < 4; state++) {
        List<ClusterChange> next = RandomModel.draw(random).changes();
        List<ClusterChange> steps = new ArrayList<>(Removals.between(present, next));
        steps.addAll(next);
        Collections.shuffle(steps, random);
        for (ClusterChange step : steps) {
          wandering.compiler.apply(step);
          if (random.nextInt(4) == 0) {
            wandering.compiler.settle();
          }
        }
        // A tier's end and its return may have come in the wrong order.
        wandering.feed(next);
        present = next;
      }
      List<ClusterChange> all = new ArrayList<>(cluster.changes());
      all.addAll(present);
      assertThat(wandering.text())
          .as("seed %d", seed + i)
          .isEqualTo(new CompiledNode(limits).feed(all).text());
    }
  }
}
