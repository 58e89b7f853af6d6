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
    agreesWithTheTextOfTheApi(2500, 10_000, RandomCluster::draw);
  }

  @Test
  void agreesWithTheTextOfTheApiInAllTiers() throws Exception {
    agreesWithTheTextOfTheApi(2500, 10_000, RandomCluster::drawTiered);
  }

  @Test
  void agreesWithTheTextOfTheApiWhereManyPoliciesSelectAPod() throws Exception {
    agreesWithTheTextOfTheApi(600, 2500, RandomCluster::drawWide);
  }

  /**
   * @param part how many answers there must be of each kind; less would not say much
   */
  private void agreesWithTheTextOfTheApi(
      int clusters, int part, Function<Random, RandomCluster> drawing) throws Exception {
    int denied = 0;
    int allowed = 0;
    for (int i = 0; i < clusters; i++) {
      Random random = new Random(seed + i);
      RandomCluster cluster = drawing.apply(random);
      NaiveEvaluator expected = new NaiveEvaluator(cluster);
      CompiledNode node = new CompiledNode(CompiledNode.limits(random));
      FlowWalk compiled = new FlowWalk(node.feed(cluster.changes()).table.image());
      for (Flow flow : cluster.flows(random)) {
        boolean allows = expected.allows(flow);
        assertThat(compiled.allows(flow))
            .as("seed %d: %s in %s", seed + i, flow, cluster)
            .isEqualTo(allows);
        denied += allows ? 0 : 1;
        allowed += allows ? 1 : 0;
      }
    }
    assertThat(denied).isGreaterThan(part);
    assertThat(allowed).isGreaterThan(part);
  }

  /** Detours: other states before, objects in any order, settled in between or not. */
  @Test
  void theTableDependsOnTheStateNotOnItsHistory() throws Exception {
    for (int i = 0; i < 400; i++) {
      Random random = new Random(seed + i);
      List<RandomCluster> states = new ArrayList<>();
      for (int n = 0; n < 4; n++) {
        states.add(
            switch (i % 3) {
              case 0 -> RandomCluster.draw(random);
              case 1 -> RandomCluster.drawTiered(random);
              default -> RandomCluster.drawWide(random);
            });
      }
      PortDispatch.Limits limits = CompiledNode.limits(random);
      String expected = new CompiledNode(limits).feed(states.getLast().changes()).text();
      CompiledNode wandering = new CompiledNode(limits);
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
