package io.portolan.common.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.api.v1alpha1.NetworkProfileSpec;
import io.portolan.common.model.ModelCloud;
import io.portolan.common.model.ModelNode;
import io.portolan.common.net.Cidr;
import io.portolan.common.pool.PoolCondition;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Single histories of one node, each about one thing that goes wrong. */
class NodeReconciliationTest {
  private final World world = new World(11, false);
  private final ModelNode node;

  NodeReconciliationTest() {
    world.cloud.addSubnet("subnet-a", "a", "10.0.0.0/24");
    node = world.addNode("n1", "subnet-a");
  }

  private void bind(int pods) {
    for (int i = 0; i < pods; i++) {
      node.bindPod();
    }
  }

  private List<String> changes() {
    return world.cloud.log().stream()
        .map(line -> line.substring(line.indexOf(' ') + 1).replaceAll("applied .*", "applied"))
        .toList();
  }

  private List<String> conditions() {
    return world.conditions.getOrDefault(node.name, List.of()).stream()
        .map(PoolCondition::toString)
        .toList();
  }

  @Test
  void aLostReplyIsResolvedByLookingNotByRepeating() {
    bind(4);
    world.faults(new ModelCloud.Faults(0, 0, 1, Duration.ZERO), 0, 0);
    world.pass(Duration.ofSeconds(1));
    assertThat(changes()).containsExactly("n1 assign eni-0001 addresses 9 -> unknown");
    world.faults(ModelCloud.Faults.NONE, 0, 0);
    world.pass(Duration.ofSeconds(30));
    assertThat(changes()).containsExactly("n1 assign eni-0001 addresses 9 -> unknown");
    assertThat(node.waiting()).isZero();
  }

  @Test
  void aRequestThatGotLostIsRepeatedAfterLooking() {
    bind(4);
    world.faults(new ModelCloud.Faults(0, 1, 0, Duration.ZERO), 0, 0);
    world.pass(Duration.ofSeconds(1));
    world.faults(ModelCloud.Faults.NONE, 0, 0);
    world.pass(Duration.ofSeconds(30));
    assertThat(changes())
        .containsExactly(
            "n1 assign eni-0001 addresses 9 -> unknown",
            "n1 assign eni-0001 addresses 9 -> applied");
  }

  @Test
  void aCloudThatCannotBeReadIsToldOnTheNode() {
    bind(4);
    world.faults(new ModelCloud.Faults(1, 0, 0, Duration.ZERO), 0, 0);
    world.pass(Duration.ofSeconds(10));
    assertThat(conditions())
        .containsExactly(
            "Ready=False CloudThrottled: observe: RequestLimitExceeded: waiting; the request rate"
                + " has been lowered",
            "Degraded=True CloudThrottled: observe: RequestLimitExceeded: waiting; the request rate"
                + " has been lowered");
    world.faults(ModelCloud.Faults.NONE, 0, 0);
    world.pass(Duration.ofMinutes(2));
    assertThat(conditions())
        .containsExactly(
            "Ready=True Supplied: 6 addresses",
            "AddressesAvailable=True Enough: 6 addresses for 4 pods",
            "Degraded=False Normal: nothing is wrong");
  }

  @Test
  void aNodeAtRestIsNotWrittenAndAPodThatFitsWritesNothing() {
    bind(4);
    world.pass(Duration.ofMinutes(2));
    int writes = world.writes;
    world.pass(Duration.ofMinutes(5), Duration.ofSeconds(5));
    assertThat(world.writes).isEqualTo(writes);
  }

  @Test
  void aNodeNetworkThatSomebodyDeletesIsThereAgainAtOnceAndWrittenOnce() {
    bind(4);
    world.pass(Duration.ofMinutes(2));
    List<Cidr> before = node.offered();
    int writes = world.writes;
    world.deleteNodeNetwork(node);
    world.pass(Duration.ofSeconds(1));
    assertThat(world.specs).containsKey(node.name);
    assertThat(node.offered()).isEqualTo(before);
    world.pass(Duration.ofMinutes(5), Duration.ofSeconds(5));
    assertThat(world.writes).isEqualTo(writes + 1);
  }

  @Test
  void aNodeNetworkDeletedAMomentAfterItWasWrittenIsThereAgainSoon() {
    bind(4);
    while (!world.specs.containsKey(node.name)) {
      world.pass(Duration.ofSeconds(1));
    }
    world.deleteNodeNetwork(node);
    world.pass(Duration.ofSeconds(10));
    assertThat(world.specs).containsKey(node.name);
    assertThat(node.waiting()).isZero();
  }

  @Test
  void whatAProfileSaysOfPodsIsWrittenWhenItChangesAndNothingElseDoes() {
    bind(4);
    world.pass(Duration.ofMinutes(2));
    int writes = world.writes;
    NetworkProfileSpec was = world.profile;
    world.profile =
        new NetworkProfileSpec(
            was.nodeSelector(),
            was.ipam(),
            was.overlay(),
            was.spillOver(),
            1400,
            was.natOutgoing(),
            was.natExclusions(),
            was.pool(),
            was.aws());
    world.pass(Duration.ofSeconds(1));
    assertThat(String.valueOf(world.specs.get(node.name))).contains("mtu=1400");
    world.pass(Duration.ofMinutes(5), Duration.ofSeconds(5));
    assertThat(world.writes).isEqualTo(writes + 1);
  }

  @Test
  void aWholeLifeOfASecondInterface() {
    bind(14);
    world.pass(Duration.ofSeconds(20));
    for (int i = 0; i < 14; i++) {
      node.removePod();
    }
    world.pass(Duration.ofMinutes(12), Duration.ofSeconds(5));
    assertThat(changes())
        .startsWith(
            "n1 assign eni-0001 addresses 9 -> applied",
            "n1 create in subnet-a addresses 7 -> applied",
            "n1 attach eni-0003 at 0/1 -> applied",
            "n1 delete-with-machine eni-0003 -> applied")
        .endsWith("n1 detach eni-0003 -> applied", "n1 delete eni-0003 -> applied");
    assertThat(world.assigned(node.name)).isEqualTo(2);
  }
}
