package io.portolan.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.nft.Flow;
import io.portolan.policy.nft.FlowWalk;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The compiled form against the API text, and against its own history. */
class CompiledFormTest {
  private final long seed = Long.getLong("portolan.seed", System.nanoTime());

  @Test
  void agreesWithTheTextOfTheApi() throws Exception {
    agreesWithTheTextOfTheApi(RandomCluster::draw);
  }

  @Test
  void agreesWithTheTextOfTheApiInAllTiers() throws Exception {
    agreesWithTheTextOfTheApi(RandomCluster::drawTiered);
  }

  private void agreesWithTheTextOfTheApi(Function<Random, RandomCluster> drawing) throws Exception {
    int denied = 0;
    int allowed = 0;
    for (int i = 0; i < 2500; i++) {
      Random random = new Random(seed + i);
      RandomCluster cluster = drawing.apply(random);
      NaiveEvaluator expected = new NaiveEvaluator(cluster);
      FlowWalk compiled = new FlowWalk(new CompiledNode().feed(cluster.changes()).table.image());
      for (Flow flow : cluster.flows(random)) {
        boolean allows = expected.allows(flow);
        assertThat(compiled.allows(flow))
            .as("seed %d: %s in %s", seed + i, flow, cluster)
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
      List<RandomCluster> states = new ArrayList<>();
      for (int n = 0; n < 4; n++) {
        states.add(i % 2 == 0 ? RandomCluster.draw(random) : RandomCluster.drawTiered(random));
      }
      String expected = new CompiledNode().feed(states.getLast().changes()).text();
      CompiledNode wandering = new CompiledNode();
      List<ClusterChange> present = List.of();
      for (RandomCluster state : states) {
        List<ClusterChange> next = state.changes();
        wandering.wander(present, next, random);
        present = next;
      }
      assertThat(wandering.text()).as("seed %d", seed + i).isEqualTo(expected);
    }
  }
}
