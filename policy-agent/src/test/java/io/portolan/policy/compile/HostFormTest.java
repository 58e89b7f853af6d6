package io.portolan.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.policy.compile.RandomHosts.HostFlow;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.HostEndpoint;
import io.portolan.policy.nft.Flow;
import io.portolan.policy.nft.FlowWalk;
import io.portolan.policy.nft.HostPath;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The compiled form of host endpoints against their text, and against its own history. */
class HostFormTest {
  private final long seed = Long.getLong("portolan.seed", System.nanoTime());

  @Test
  void agreesWithTheText() throws Exception {
    Map<RandomHosts.Way, Integer> denied = new EnumMap<>(RandomHosts.Way.class);
    Map<RandomHosts.Way, Integer> allowed = new EnumMap<>(RandomHosts.Way.class);
    int untracked = 0;
    for (int i = 0; i < 1500; i++) {
      Random random = new Random(seed + i);
      RandomHosts hosts = RandomHosts.draw(random);
      NaiveHosts text = new NaiveHosts(hosts);
      FlowWalk walk = new FlowWalk(new CompiledNode().feed(hosts.changes()).table.image());
      for (HostFlow flow : hosts.hostFlows(random)) {
        NaiveHosts.Outcome expected = text.outcome(flow);
        if (flow.way() == RandomHosts.Way.THROUGH && expected.untracked()) {
          // Whether others let packets without a connection pass is not what this is about.
          continue;
        }
        assertThat(compiled(walk, flow))
            .as("seed %d: %s in %s", seed + i, flow, hosts)
            .isEqualTo(expected);
        (expected.allowed() ? allowed : denied).merge(flow.way(), 1, Integer::sum);
        untracked += expected.untracked() ? 1 : 0;
      }
    }
    System.out.println(
        "seed "
            + seed
            + ": allowed "
            + allowed
            + ", denied "
            + denied
            + ", untracked "
            + untracked);
    for (RandomHosts.Way way : RandomHosts.Way.values()) {
      assertThat(denied.get(way)).as(way.toString()).isGreaterThan(1_000);
      assertThat(allowed.get(way)).as(way.toString()).isGreaterThan(1_000);
    }
    assertThat(untracked).isGreaterThan(100);
  }

  /** The base chains in the order that a packet comes by them. */
  static NaiveHosts.Outcome compiled(FlowWalk walk, HostFlow flow) {
    return switch (flow.way()) {
      case IN -> in(walk, flow.in(), flow.flow(), HostPath.INPUT);
      case OUT -> {
        FlowWalk.Decision raw = walk.decide(HostPath.RAW_OUT, flow.out(), flow.flow(), false);
        boolean tracked = !walk.untracks(raw);
        // What is not tracked is not translated either.
        Flow there = tracked ? flow.flow() : addressed(flow.flow());
        boolean allowed =
            raw.allowed() && walk.decide(HostPath.OUTPUT, flow.out(), there, tracked).allowed();
        yield new NaiveHosts.Outcome(allowed, allowed && !tracked);
      }
      case THROUGH -> {
        NaiveHosts.Outcome in = in(walk, flow.in(), flow.flow(), HostPath.FORWARD_IN);
        yield new NaiveHosts.Outcome(
            in.allowed()
                && walk.decide(HostPath.FORWARD_OUT, flow.out(), flow.flow(), true).allowed(),
            in.untracked());
      }
    };
  }

  private static NaiveHosts.Outcome in(FlowWalk walk, String link, Flow flow, HostPath last) {
    FlowWalk.Decision raw = walk.decide(HostPath.RAW_IN, link, flow, false);
    boolean tracked = !walk.untracks(raw);
    Flow there = tracked ? flow : addressed(flow);
    boolean allowed =
        raw.allowed()
            && walk.decide(HostPath.PRE_DNAT, link, there, tracked).allowed()
            && walk.decide(last, link, there, tracked).allowed();
    return new NaiveHosts.Outcome(allowed, allowed && !tracked);
  }

  private static Flow addressed(Flow flow) {
    return new Flow(
        flow.source(), flow.addressed(), flow.protocol(), flow.sourcePort(), flow.port());
  }

  /** Detours: other states before, objects in any order, settled in between or not. */
  @Test
  void theTableDependsOnTheStateNotOnItsHistory() throws Exception {
    for (int i = 0; i < 150; i++) {
      Random random = new Random(seed + i);
      CompiledNode wandering = new CompiledNode();
      List<ClusterChange> present = new ArrayList<>();
      for (int n = 0; n < 4; n++) {
        List<ClusterChange> next = RandomHosts.draw(random).changes();
        List<ClusterChange> steps = new ArrayList<>(Removals.between(present, next));
        steps.addAll(next);
        Collections.shuffle(steps, random);
        for (ClusterChange step : steps) {
          wandering.compiler.apply(step);
          if (random.nextInt(4) == 0) {
            wandering.compiler.settle();
          }
          if (random.nextInt(10) == 0) {
            wandering.table.committed();
          }
        }
        wandering.feed(next);
        present = next;
      }
      assertThat(wandering.text())
          .as("seed %d", seed + i)
          .isEqualTo(new CompiledNode().feed(present).text());
    }
  }

  /** What a node without host endpoints does not have costs it nothing. */
  @Test
  void nothingIsThereWithoutHostEndpoints() throws Exception {
    RandomHosts hosts = RandomHosts.draw(new Random(seed));
    CompiledNode node = new CompiledNode().feed(hosts.changes());
    node.feed(
        List.of(
            new ClusterChange.HostEndpointSeen(
                new HostEndpoint(
                    "h", RandomHosts.NODE, "eth9", List.of(), Map.of(), List.of(), List.of()))));
    assertThat(node.text()).contains("host_");
    hosts.endpoints().stream()
        .map(e -> new ClusterChange.HostEndpointGone(e.at("/metadata/name").asText()))
        .forEach(node.compiler::apply);
    node.compiler.apply(new ClusterChange.HostEndpointGone("h"));
    node.compiler.settle();
    assertThat(node.text()).doesNotContain("host_").doesNotContain("chain host/");
  }
}
