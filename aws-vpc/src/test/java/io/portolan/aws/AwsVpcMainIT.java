package io.portolan.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.sim.ec2.Ec2Behavior;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.fault.DelayRange;
import io.portolan.sim.fault.Fault;
import io.portolan.sim.fault.FaultRule;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The real controller process against an API server and an EC2, over the wire. */
@Timeout(600)
final class AwsVpcMainIT {
  private static final Duration SOON = Duration.ofMinutes(2);

  @Test
  void boundPodsAreSuppliedFromOneInterfaceAndThenFromTwo() throws Exception {
    try (LiveCluster cluster = new LiveCluster(1, "SECONDARY_IP")) {
      String subnet = cluster.account.subnet("eu-central-1a", "10.0.1.0/24");
      LiveCluster.Node node = cluster.addNode("n1", "m5.large", subnet);
      cluster.bind("n1", 0, 5);
      cluster.start();
      cluster.await("addresses for 5 pods", SOON, cluster::everyPodHasAnAddress);
      assertThat(cluster.account.enis(node.instance)).hasSize(1);

      cluster.bind("n1", 5, 15);
      cluster.await("addresses for 15 pods", SOON, cluster::everyPodHasAnAddress);
      cluster.await(
          "a second interface that dies with the instance",
          SOON,
          () ->
              cluster.account.enis(node.instance).size() == 2
                  && cluster
                      .account
                      .enis(node.instance)
                      .get(1)
                      .attachment()
                      .orElseThrow()
                      .deleteOnTermination());

      NodeNetworkStatus.Supply supply = cluster.supply("n1").orElseThrow();
      assertThat(supply.vpcCidrs()).containsExactly("10.0.0.0/16");
      assertThat(published(supply)).isEqualTo(held(cluster, node));
      assertThat(cluster.conditions("n1")).contains("Ready=True", "AddressesAvailable=True");
      assertThat(cluster.terminate()).as("ends in order").isEqualTo(143);
    }
  }

  @Test
  void whatNobodyNeedsIsGivenBackByHandshake() throws Exception {
    try (LiveCluster cluster = new LiveCluster(2, "SECONDARY_IP")) {
      String subnet = cluster.account.subnet("eu-central-1a", "10.0.1.0/24");
      LiveCluster.Node node = cluster.addNode("n1", "m5.large", subnet);
      cluster.bind("n1", 0, 20);
      cluster.start();
      cluster.await("addresses for 20 pods", SOON, cluster::everyPodHasAnAddress);
      for (int i = 0; i < 18; i++) {
        cluster.unbind("n1", "p" + i);
      }
      cluster.await(
          "few addresses, at most two interfaces",
          SOON,
          () -> held(cluster, node).size() <= 6 && cluster.account.enis(node.instance).size() <= 2);
      assertThat(cluster.everyPodHasAnAddress()).isTrue();
    }
  }

  @Test
  void prefixesGiveWayToSingleAddressesWhereNoWholeBlockIsFree() throws Exception {
    try (LiveCluster cluster = new LiveCluster(3, "PREFIX")) {
      String open = cluster.account.subnet("eu-central-1a", "10.0.1.0/24");
      String broken = cluster.account.subnet("eu-central-1a", "10.0.2.0/27");
      LiveCluster.Node whole = cluster.addNode("n1", "m5.large", open);
      LiveCluster.Node pieces = cluster.addNode("n2", "m5.large", broken);
      cluster
          .account
          .world()
          .run("CreateNetworkInterface", "SubnetId", broken, "PrivateIpAddress", "10.0.2.20");
      cluster.bind("n1", 0, 10);
      cluster.bind("n2", "q0");
      cluster.bind("n2", "q1");
      cluster.start();
      cluster.await("addresses for all pods", SOON, cluster::everyPodHasAnAddress);

      assertThat(cluster.account.enis(whole.instance).getFirst().addresses().prefixes())
          .isNotEmpty();
      NetworkInterface eni = cluster.account.enis(pieces.instance).getFirst();
      assertThat(eni.addresses().prefixes()).isEmpty();
      assertThat(eni.addresses().secondary()).hasSizeGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void interfacesOfNodesThatAreGoneAreCollected() throws Exception {
    try (LiveCluster cluster = new LiveCluster(4, "SECONDARY_IP")) {
      String subnet = cluster.account.subnet("eu-central-1a", "10.0.1.0/24");
      cluster.addNode("n1", "m5.large", subnet);
      cluster.leak(subnet);
      String foreign =
          cluster
              .account
              .world()
              .run("CreateNetworkInterface", "SubnetId", subnet)
              .text("networkInterface/networkInterfaceId");
      cluster.start();
      cluster.await(
          "the leaked interface deleted", SOON, () -> cluster.account.ourEnis().isEmpty());
      assertThat(cluster.account.world().view().interfaces())
          .anyMatch(eni -> eni.id().text().equals(foreign));
    }
  }

  @Test
  void theConditionSaysWhatIsWrongWithEc2AndGoesWithIt() throws Exception {
    try (LiveCluster cluster = new LiveCluster(5, "SECONDARY_IP")) {
      String subnet = cluster.account.subnet("eu-central-1a", "10.0.1.0/24");
      cluster.addNode("n1", "m5.large", subnet);
      cluster.bind("n1", "p0");
      cluster
          .account
          .world()
          .behave(
              Ec2Behavior.PROMPT.withRule(
                  FaultRule.always(
                      "*",
                      new Fault.Refusal(
                          "ExpiredToken",
                          400,
                          "The security token included in the request is expired"))));
      cluster.start();
      cluster.await(
          "a condition that names the credentials",
          SOON,
          () -> cluster.conditions("n1").contains("CloudCredentialsRejected"));
      assertThat(cluster.conditions("n1")).contains("ExpiredToken");

      cluster
          .account
          .world()
          .behave(Ec2Behavior.PROMPT.withRule(FaultRule.always("*", new Fault.Garbage())));
      cluster.workFor(Duration.ofSeconds(3));
      assertThat(cluster.alive()).isTrue();

      cluster.account.world().behave(Ec2Behavior.PROMPT);
      cluster.await("an address all the same", SOON, cluster::everyPodHasAnAddress);
    }
  }

  @Test
  void anUnreachableEndpointIsNamedAndRetried() throws Exception {
    try (LiveCluster cluster = new LiveCluster(6, "SECONDARY_IP")) {
      String subnet = cluster.account.subnet("eu-central-1a", "10.0.1.0/24");
      cluster.addNode("n1", "m5.large", subnet);
      cluster.start("--ec2-endpoint=http://127.0.0.1:1");
      cluster.await(
          "a condition that names the endpoint",
          SOON,
          () -> cluster.conditions("n1").contains("EndpointUnreachable"));
      assertThat(cluster.alive()).isTrue();
      assertThat(Files.readString(cluster.log)).contains("check the region, --ec2-endpoint");
    }
  }

  @Test
  void aSecondProcessTakesOverFromOneThatDies() throws Exception {
    try (LiveCluster cluster = new LiveCluster(8, "SECONDARY_IP")) {
      String subnet = cluster.account.subnet("eu-central-1a", "10.0.1.0/24");
      cluster.addNode("n1", "m5.large", subnet);
      cluster.bind("n1", "p0");
      cluster.startElecting();
      cluster.await("an address from the first", SOON, cluster::everyPodHasAnAddress);
      cluster.kill();
      String dead = cluster.leaseHolder();

      cluster.bind("n1", 1, 12);
      cluster.startElecting();
      long readings = cluster.account.world().calls().total("DescribeInstances");
      cluster.await(
          "addresses from the second",
          SOON,
          () -> {
            // In this order: what is read while the lease is the dead one's was read under it.
            long now = cluster.account.world().calls().total("DescribeInstances");
            if (cluster.leaseHolder().equals(dead)) {
              assertThat(now).as("the lease of the dead is respected").isEqualTo(readings);
            }
            return cluster.everyPodHasAnAddress();
          });
      assertThat(cluster.leaseHolder()).isNotEqualTo(dead);
    }
  }

  @Test
  void aDryRunTellsThePlanAndChangesNothing() throws Exception {
    try (LiveCluster cluster = new LiveCluster(7, "SECONDARY_IP")) {
      String subnet = cluster.account.subnet("eu-central-1a", "10.0.1.0/24");
      cluster.addNode("n1", "m5.large", subnet);
      cluster.bind("n1", 0, 4);

      String plan = cluster.run("--dry-run");

      assertThat(plan)
          .contains("node n1: supply 0, demand 4, target 6, capacity 27")
          .containsPattern("assign eni-[0-9a-f]+ addresses 9");
      assertThat(cluster.account.world().calls().total("AssignPrivateIpAddresses")).isZero();
      assertThat(cluster.supply("n1")).isEmpty();
    }
  }

  @Test
  void killedAtAnyMomentItLosesDoublesAndLeaksNothing() throws Exception {
    long seed =
        Long.parseLong(
            Stream.of(System.getProperty("portolan.seed", ""))
                .filter(s -> !s.isEmpty())
                .findFirst()
                .orElse(Long.toString(System.nanoTime())));
    System.out.println("replay with -Dportolan.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    try (LiveCluster cluster = new LiveCluster(seed, "SECONDARY_IP")) {
      String subnet = cluster.account.subnet("eu-central-1a", "10.0.1.0/24");
      cluster
          .account
          .world()
          .behave(
              Ec2Behavior.PROMPT
                  .withAttach(DelayRange.ofMillis(100, 1500))
                  .withDetach(DelayRange.ofMillis(100, 1500))
                  .withDescribeLag(DelayRange.ofMillis(0, 2000)));
      for (int i = 0; i < 3; i++) {
        cluster.addNode("n" + i, "m5.large", subnet);
      }
      int pods = 0;
      for (int kill = 0; kill < 8; kill++) {
        for (int i = 0; i < 6; i++) {
          String node = "n" + random.nextInt(3);
          LiveCluster.Node there = cluster.node(node);
          if (there.agent.pods().size() < 20 && random.nextInt(3) > 0) {
            cluster.bind(node, "p" + pods++);
            cluster.bind(node, "p" + pods++);
          } else {
            for (String pod : there.agent.pods().stream().limit(4).toList()) {
              cluster.unbind(node, pod);
            }
          }
        }
        cluster.start();
        // Start-up takes about two seconds; the kill falls before, into and after its first calls.
        cluster.workFor(Duration.ofMillis(random.nextInt(1500, 6000)));
        cluster.kill();
      }
      cluster.start();
      cluster.await("every pod has an address", SOON, cluster::everyPodHasAnAddress);
      for (int i = 0; i < 3; i++) {
        cluster.removeNode("n" + i);
      }
      cluster.await("no interface is left", SOON, () -> cluster.account.ourEnis().isEmpty());
    }
  }

  private static List<String> published(NodeNetworkStatus.Supply supply) {
    return Objects.requireNonNull(supply.interfaces()).stream()
        .flatMap(eni ->
            Objects.requireNonNullElse(eni.addresses(), List.<String>of()).stream()
                .map(address -> eni.id() + " " + address))
        .sorted()
        .toList();
  }

  private static List<String> held(LiveCluster cluster, LiveCluster.Node node) {
    return cluster.account.enis(node.instance).stream()
        .flatMap(eni -> eni.addresses().secondary().stream().map(a -> eni.id() + " " + a))
        .sorted()
        .toList();
  }
}
