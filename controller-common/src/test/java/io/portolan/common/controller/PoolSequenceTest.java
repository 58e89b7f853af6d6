package io.portolan.common.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.model.ModelNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Named states of one node, gone through in every manner: where a pool comes to rest depends on the
 * state alone, not on the way there.
 */
class PoolSequenceTest {
  private static final Duration REST = Duration.ofMinutes(8);

  /** How many pods each named state has. */
  private static final Map<String, Integer> PODS =
      new TreeMap<>(
          Map.of(
              "idle", 0,
              "one interface", 6,
              "exactly one interface", 7,
              "two interfaces", 12,
              "three interfaces", 20,
              "full", 25,
              "too many", 31));

  /** Where each comes to rest: pods + 2 in reserve, 27 at most. */
  private static final String AT_REST =
      """
      exactly one interface: 9 addresses, 0 pods waiting
      full: 27 addresses, 0 pods waiting
      idle: 2 addresses, 0 pods waiting
      one interface: 8 addresses, 0 pods waiting
      three interfaces: 22 addresses, 0 pods waiting
      too many: 27 addresses, 4 pods waiting
      two interfaces: 14 addresses, 0 pods waiting
      """;

  private static final List<List<String>> SCENARIOS =
      List.of(
          List.of(
              "one interface",
              "exactly one interface",
              "two interfaces",
              "three interfaces",
              "full",
              "too many",
              "idle"),
          List.of("full", "idle", "full", "one interface"),
          List.of("too many", "two interfaces", "too many", "exactly one interface"));

  @Test
  void inTheGivenOrder() {
    everyScenario(Function.identity(), true, false, false);
  }

  @Test
  void inReverse() {
    everyScenario(
        states -> {
          List<String> reversed = new ArrayList<>(states);
          Collections.reverse(reversed);
          return reversed;
        },
        true,
        false,
        false);
  }

  @Test
  void withIdleBetween() {
    everyScenario(
        states -> states.stream().flatMap(s -> List.of("idle", s).stream()).toList(),
        true,
        false,
        false);
  }

  @Test
  void withEveryStepSplitInSinglePods() {
    everyScenario(Function.identity(), true, true, false);
  }

  @Test
  void squashedSoThatOnlyTheLastStateIsRestedIn() {
    everyScenario(Function.identity(), false, false, false);
  }

  @Test
  void withTheControllerRestartedInTheMiddleOfEveryStep() {
    everyScenario(Function.identity(), true, false, true);
  }

  private static void everyScenario(
      Function<List<String>, List<String>> expander, boolean rest, boolean split, boolean restart) {
    TreeMap<String, String> reached = new TreeMap<>();
    for (List<String> scenario : SCENARIOS) {
      World world = new World(7, false);
      world.cloud.addSubnet("subnet-a", "a", "10.0.0.0/24");
      ModelNode node = world.addNode("n1", "subnet-a");
      List<String> states = expander.apply(scenario);
      for (int i = 0; i < states.size(); i++) {
        enter(world, node, PODS.getOrDefault(states.get(i), 0), split);
        if (restart) {
          world.pass(Duration.ofSeconds(2));
          world.restart();
        }
        boolean last = i == states.size() - 1;
        world.pass(rest || last ? REST : Duration.ofSeconds(4), Duration.ofSeconds(4));
        if (rest || last) {
          String line =
              world.assigned(node.name) + " addresses, " + node.waiting() + " pods waiting";
          String before = reached.put(states.get(i), line);
          assertThat(before).as(states.get(i) + " reached another way").isIn(null, line);
        }
      }
    }
    reached.forEach((state, line) -> assertThat(AT_REST.lines()).contains(state + ": " + line));
  }

  private static void enter(World world, ModelNode node, int pods, boolean split) {
    while (node.pods() != pods) {
      if (node.pods() < pods) {
        node.bindPod();
      } else {
        node.removePod();
      }
      if (split) {
        world.pass(Duration.ofSeconds(1));
      }
    }
  }
}
