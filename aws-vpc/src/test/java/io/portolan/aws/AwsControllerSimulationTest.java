package io.portolan.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.sim.ec2.Ec2Behavior;
import io.portolan.sim.ec2.action.Exhaustion;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.fault.DelayRange;
import io.portolan.sim.fault.Fault;
import io.portolan.sim.fault.FaultPlan;
import io.portolan.sim.fault.FaultRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Replay one seed with {@code -Dportolan.seed=N}. */
final class AwsControllerSimulationTest {

  @Test
  void podsBoundToANodeGetAddressesAndASecondInterfaceWhenTheFirstIsFull() {
    ControllerSimulation simulation = new ControllerSimulation(1, false);
    String subnet = simulation.account.subnet("eu-central-1a", "10.0.1.0/24");
    ControllerSimulation.Node node = simulation.addNode("n1", "m5.large", subnet);
    bind(simulation, "n1", 0, 5);
    simulation.pass(Duration.ofSeconds(10));

    assertThat(shape(simulation, node)).isEqualTo("[0: 9 addresses]");
    assertThat(node.agent.waiting()).isZero();

    bind(simulation, "n1", 5, 15);
    simulation.pass(Duration.ofSeconds(10));

    assertThat(node.agent.waiting()).isZero();
    assertThat(shape(simulation, node))
        .isEqualTo("[0: 9 addresses, 1: 8 addresses, deleted with the instance]");
  }

  @Test
  void excessIsGivenBackOnlyAfterTheDelayAndTheLastInterfaceGoesHome() {
    ControllerSimulation simulation = new ControllerSimulation(2, false);
    String subnet = simulation.account.subnet("eu-central-1a", "10.0.1.0/24");
    ControllerSimulation.Node node = simulation.addNode("n1", "m5.large", subnet);
    bind(simulation, "n1", 0, 25);
    simulation.pass(Duration.ofSeconds(20));
    assertThat(simulation.account.enis(node.instance.value())).hasSize(3);

    for (int i = 0; i < 24; i++) {
      simulation.unbind("n1", "p" + i);
    }
    simulation.pass(Duration.ofSeconds(60));
    assertThat(simulation.account.enis(node.instance.value()))
        .as("within the release delay")
        .hasSize(3);
    simulation.pass(Duration.ofMinutes(15));
    assertThat(simulation.account.enis(node.instance.value())).hasSizeLessThan(3);
    assertThat(simulation.account.ourEnis()).hasSizeLessThan(2);
  }

  @Test
  void aFragmentedSubnetIsUsedBySingleAddressesAndByPrefixesAgainLater() {
    ControllerSimulation simulation = new ControllerSimulation(3, true);
    String subnet = simulation.account.subnet("eu-central-1a", "10.0.1.0/26");
    ControllerSimulation.Node node = simulation.addNode("n1", "m5.large", subnet);
    // One address in each aligned /28 that is left: plenty free, no whole block.
    List<String> blockers =
        List.of("10.0.1.20", "10.0.1.40", "10.0.1.60").stream()
            .map(address ->
                simulation
                    .account
                    .world()
                    .run("CreateNetworkInterface", "SubnetId", subnet, "PrivateIpAddress", address)
                    .text("networkInterface/networkInterfaceId"))
            .toList();
    bind(simulation, "n1", 0, 4);
    simulation.pass(Duration.ofSeconds(20));

    assertThat(node.agent.waiting()).isZero();
    assertThat(shape(simulation, node)).isEqualTo("[0: 6 addresses]");

    blockers.forEach(
        eni -> simulation.account.world().run("DeleteNetworkInterface", "NetworkInterfaceId", eni));
    simulation.pass(Duration.ofMinutes(15));
    bind(simulation, "n1", 4, 12);
    simulation.pass(Duration.ofSeconds(20));

    assertThat(node.agent.waiting()).isZero();
    assertThat(shape(simulation, node)).contains("prefixes");
  }

  @Test
  void anExhaustedSubnetIsToldAndServedAsSoonAsItHasRoom() {
    ControllerSimulation simulation = new ControllerSimulation(4, false);
    String subnet = simulation.account.subnet("eu-central-1a", "10.0.1.0/28");
    ControllerSimulation.Node node = simulation.addNode("n1", "m5.large", subnet);
    String neighbour =
        simulation
            .account
            .world()
            .run(
                "CreateNetworkInterface", "SubnetId", subnet, "SecondaryPrivateIpAddressCount", "7")
            .text("networkInterface/networkInterfaceId");
    bind(simulation, "n1", 0, 6);
    simulation.pass(Duration.ofSeconds(30));
    assertThat(node.agent.waiting()).isEqualTo(4);
    assertThat(node.conditions.toString()).contains("SubnetExhausted", subnet);

    simulation.account.world().run("DeleteNetworkInterface", "NetworkInterfaceId", neighbour);
    simulation.pass(Duration.ofMinutes(3));
    assertThat(node.agent.waiting()).isZero();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void nothingIsLostDoubledOrLeakedWhateverFails(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean prefixes = random.nextBoolean();
    ControllerSimulation simulation = new ControllerSimulation(seed, prefixes);
    String big = simulation.account.subnet("eu-central-1a", "10.0.1.0/24");
    String small = simulation.account.subnet("eu-central-1b", "10.0.2.0/26");
    simulation.account.world().behave(troubled(seed, random));
    simulation.deadliness(0.05);
    for (int i = 0; i < 4; i++) {
      simulation.addNode("n" + i, "m5.large", i < 3 ? big : small);
    }
    int pods = 0;
    for (int round = 0; round < 40; round++) {
      String node = "n" + random.nextInt(4);
      int change = random.nextInt(-12, 13);
      for (int i = 0; i < change; i++) {
        simulation.bind(node, "p" + pods++);
      }
      List<String> bound = List.copyOf(simulation.node(node).agent.pods());
      for (int i = 0; i < Math.min(-change, bound.size()); i++) {
        simulation.unbind(node, bound.get(i));
      }
      if (random.nextInt(10) == 0) {
        simulation.removeNode(node);
        simulation.addNode(node, "m5.large", node.equals("n3") ? small : big);
      }
      simulation.pass(Duration.ofSeconds(random.nextInt(1, 40)));
    }

    // Peace: what was asked for arrives.
    simulation.account.world().behave(Ec2Behavior.PROMPT);
    simulation.deadliness(0);
    for (int i = 0; i < 4; i++) {
      String node = "n" + i;
      List<String> bound = List.copyOf(simulation.node(node).agent.pods());
      // Within what three ENIs of an m5.large and the small subnet can hold.
      for (int j = 15; j < bound.size(); j++) {
        simulation.unbind(node, bound.get(j));
      }
    }
    simulation.pass(Duration.ofMinutes(12));
    for (int i = 0; i < 4; i++) {
      assertThat(simulation.node("n" + i).agent.waiting())
          .as(
              "pods without address on n%d, %d deaths: %s",
              i, simulation.deaths(), simulation.explain("n" + i))
          .isZero();
    }
    for (NetworkInterface eni : simulation.account.ourEnis()) {
      assertThat(eni.isAttached()).as("%s hangs on nothing", eni.id()).isTrue();
      assertThat(eni.attachment().orElseThrow().deleteOnTermination())
          .as("%s dies with its instance", eni.id())
          .isTrue();
    }

    for (int i = 0; i < 4; i++) {
      simulation.removeNode("n" + i);
    }
    simulation.pass(Duration.ofMinutes(8));
    assertThat(simulation.account.ourEnis()).as("leaked interfaces").isEmpty();
    assertThat(simulation.deaths() + simulation.handovers()).isPositive();
  }

  static LongStream seeds() {
    String chosen = System.getProperty("portolan.seed", "");
    return chosen.isEmpty() ? LongStream.range(0, 4) : LongStream.of(Long.parseLong(chosen));
  }

  /** Stale, slow, throttled and unreliable, each within what the capabilities promise. */
  private static Ec2Behavior troubled(long seed, SplittableRandom random) {
    Exhaustion[] spellings = Exhaustion.values();
    return Ec2Behavior.REALISTIC
        .withDescribeLag(DelayRange.ofMillis(0, random.nextInt(200, 8_000)))
        .withAttach(DelayRange.ofMillis(100, random.nextInt(200, 20_000)))
        .withDetach(DelayRange.ofMillis(100, random.nextInt(200, 20_000)))
        .withExhaustion(spellings[random.nextInt(spellings.length)])
        .withFaults(new FaultPlan(seed, DelayRange.NONE, faults()));
  }

  /** On the controller's calls only; the world is set up without accidents. */
  private static List<FaultRule> faults() {
    List<FaultRule> rules = new ArrayList<>();
    for (String actions : List.of("Describe*", "*NetworkInterface*", "*PrivateIpAddresses")) {
      rules.add(FaultRule.sometimes(actions, new Fault.LostReply(), 0.03));
      rules.add(FaultRule.sometimes(actions, new Fault.LostRequest(), 0.02));
      rules.add(FaultRule.sometimes(actions, new Fault.Garbage(), 0.01));
      rules.add(
          FaultRule.sometimes(
              actions, new Fault.Refusal("RequestLimitExceeded", 503, "Slow down."), 0.05));
      rules.add(
          FaultRule.sometimes(
              actions, new Fault.Refusal("InternalError", 500, "An internal error."), 0.02));
    }
    return rules;
  }

  private static void bind(ControllerSimulation simulation, String node, int from, int to) {
    for (int i = from; i < to; i++) {
      simulation.bind(node, "p" + i);
    }
  }

  /** What hangs on the node, as EC2 says. */
  private static String shape(ControllerSimulation simulation, ControllerSimulation.Node node) {
    return simulation.account.enis(node.instance.value()).stream()
        .map(eni ->
            eni.attachment().orElseThrow().deviceIndex()
                + ": "
                + (eni.addresses().prefixes().isEmpty()
                    ? eni.addresses().secondary().size() + " addresses"
                    : eni.addresses().prefixes().size() + " prefixes")
                + (eni.attachment().orElseThrow().deviceIndex() > 0
                        && eni.attachment().orElseThrow().deleteOnTermination()
                    ? ", deleted with the instance"
                    : ""))
        .toList()
        .toString();
  }
}
