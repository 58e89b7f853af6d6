package io.portolan.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.nft.Flow;
import io.portolan.policy.nft.FlowWalk;
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
      CompiledNode node = new CompiledNode(CompiledNode.limits(random));
      FlowWalk compiled = new FlowWalk(node.feed(calico.changes()).table.image());
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
      PortDispatch.Limits limits = CompiledNode.limits(random);
      CompiledNode wandering = new CompiledNode(limits);
      List<ClusterChange> present = List.of();
      for (int n = 0; n < 4; n++) {
        List<ClusterChange> next = RandomCalico.draw(random).changes();
        wandering.wander(present, next, random);
        present = next;
      }
      assertThat(wandering.text())
          .as("seed %d", seed + i)
          .isEqualTo(new CompiledNode(limits).feed(present).text());
    }
  }
}
