package io.portolan.common.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.model.ModelCloud;
import io.portolan.common.model.ModelNode;
import io.portolan.common.model.Seeds;
import io.portolan.common.net.Cidr;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The laws of the pool, checked over random histories with everything going wrong. The world itself
 * checks after every step that no address is on two pods, that every pod's address is assigned to
 * its node, and that nothing in use or cooling is taken.
 */
class PoolLawsTest {
  private static final ModelCloud.Faults STORMY =
      new ModelCloud.Faults(0.05, 0.05, 0.08, World.LAG.minusMillis(500));
  private static final ModelCloud.Faults LAGGING =
      new ModelCloud.Faults(0, 0, 0, World.LAG.minusMillis(500));

  private static final Duration CALM = Duration.ofSeconds(5);

  @Test
  void everyPodGetsAnAddressAndTheExcessGoesBackWhateverHappened() {
    Seeds.forEach(12, seed -> storm(seed, false));
  }

  @Test
  void theSameHoldsWithWholeBlocks() {
    Seeds.forEach(12, seed -> storm(seed, true));
  }

  private static void storm(long seed, boolean prefixes) {
    World world = world(seed, prefixes);
    world.faults(STORMY, 0.02, 0.03);
    for (int step = 0; step < 40; step++) {
      churn(world);
      world.pass(Duration.ofSeconds(world.random.nextInt(1, 40)));
    }
    world.faults(ModelCloud.Faults.NONE, 0, 0);
    world.cloud.fragment("subnet-a", false);
    world.cloud.fragment("subnet-b", false);
    // A fragmented subnet is tried every 10 minutes, and by the calm's first trial may have given
    // its only whole block to another node; what the block replaces goes back a minute later.
    world.pass(Duration.ofMinutes(30), CALM);
    settled(world, prefixes);
    int changes = world.cloud.changes();
    world.pass(Duration.ofMinutes(12), CALM);
    assertThat(
            world.cloud.log().subList(changes, world.cloud.changes()).stream()
                .filter(line -> line.contains("applied"))
                .toList())
        .as("changes of a cloud at rest")
        .isEmpty();
    emptied(world);
  }

  private static World world(long seed, boolean prefixes) {
    World world = new World(seed, prefixes);
    world.cloud.addSubnet("subnet-a", "a", "10.0.0.0/24");
    world.cloud.addSubnet("subnet-b", "b", "10.0.1.0/24");
    world.addNode("n1", "subnet-a");
    world.addNode("n2", "subnet-a");
    world.addNode("n3", "subnet-b");
    return world;
  }

  private static void churn(World world) {
    for (ModelNode node : world.nodes.values()) {
      int change = world.random.nextInt(-6, 7);
      for (int i = 0; i < Math.abs(change); i++) {
        if (change > 0 && node.pods() < 22) {
          node.bindPod();
        } else if (change < 0) {
          node.removePod();
        }
      }
    }
    if (world.random.nextInt(8) == 0) {
      world.cloud.fragment("subnet-a", world.random.nextBoolean());
    }
  }

  private static void settled(World world, boolean prefixes) {
    for (ModelNode node : world.nodes.values()) {
      assertThat(node.waiting()).as("pods of %s without address", node.name).isZero();
      int target = node.pods() + 2;
      int assigned = world.assigned(node.name);
      assertThat(assigned).as("addresses of " + node.name).isGreaterThanOrEqualTo(target);
      long blocks = node.offered().stream().filter(c -> !c.isSingleAddress()).count();
      boolean blocksKept = prefixes && blocks <= (target + 15) / 16;
      List<Cidr> tooMuch =
          node.offered().stream()
              .filter(c -> node.untouchable().stream().noneMatch(c::contains))
              .filter(c -> assigned - c.size().intValueExact() >= target)
              .filter(c -> c.isSingleAddress() || !blocksKept)
              .toList();
      assertThat(tooMuch).as("unused and not needed\n" + world.explain(node.name)).isEmpty();
    }
    loose(world, List.of());
  }

  private static void loose(World world, List<ObservedInterface> expected) {
    assertThat(world.cloud.interfaces().stream().filter(i -> i.attachment().isEmpty()).toList())
        .as("interfaces attached to nothing")
        .isEqualTo(expected);
  }

  private static void emptied(World world) {
    for (NodeName node : List.copyOf(world.nodes.keySet())) {
      world.removeNode(node);
    }
    world.pass(Duration.ofMinutes(10), CALM);
    assertThat(world.cloud.interfaces()).as("interfaces without any node").isEmpty();
  }

  @Test
  void noLimitIsEverExceededByReadingsThatLag() {
    Seeds.forEach(
        12,
        seed -> {
          World world = world(seed, seed % 2 == 0);
          world.faults(LAGGING, 0, 0);
          for (int step = 0; step < 30; step++) {
            churn(world);
            world.pass(Duration.ofSeconds(world.random.nextInt(1, 30)));
          }
          assertThat(world.cloud.limitRefusals()).isZero();
        });
  }
}
