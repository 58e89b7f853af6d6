package io.portolan.common.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.cloud.ActionToken;
import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.CloudObservation;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.InstanceLimits;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservationScope;
import io.portolan.common.cloud.ObserveOutcome;
import io.portolan.common.cloud.ObservedMachine;
import io.portolan.common.cloud.SubnetId;
import io.portolan.common.model.ModelCloud;
import io.portolan.common.model.Simulation;
import io.portolan.common.net.IpFamily;
import io.portolan.common.pool.PoolAction;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GrowthCandidatesTest {
  private static final NodeName NODE = new NodeName("n1");
  private static final InstanceId INSTANCE = new InstanceId("i-1");
  private static final SubnetId SUBNET = new SubnetId("subnet-a");

  private final ModelCloud cloud = new ModelCloud(new Simulation(), new Random(1));
  private InterfaceId primary = new InterfaceId("eni-0");

  @BeforeEach
  void start() {
    cloud.addSubnet("subnet-a", "a", "10.0.0.0/16");
    cloud.start(
        NODE, INSTANCE, new InstanceLimits(1, 3, 9, true, 28, Integer.MAX_VALUE), "subnet-a");
    primary = seen().machine(NODE).orElseThrow().interfaces().getFirst().id();
  }

  private CloudObservation seen() {
    ObserveOutcome outcome =
        cloud.observe(ObservationScope.cluster(new TreeMap<>(Map.of(NODE, INSTANCE))));
    return ((ObserveOutcome.Observed) outcome).observation();
  }

  private CloudAction assign(int count) {
    return new CloudAction.AssignAddresses(NODE, primary, IpFamily.IPV4, count);
  }

  private static CloudAction create(int addresses, int blocks) {
    return new CloudAction.CreateInterface(
        NODE, INSTANCE, SUBNET, List.of(), addresses, blocks, new ActionToken("token"));
  }

  /** One line for each candidate. */
  private List<String> candidates(int waitingPods, CloudAction... actions) {
    CloudObservation seen = seen();
    ObservedMachine machine = seen.machine(NODE).orElseThrow();
    return GrowthCandidates.of(
            Arrays.stream(actions).map(a -> (PoolAction) new PoolAction.InCloud(a)).toList(),
            waitingPods,
            seen.unattachedFor(NODE),
            machine)
        .stream()
        .map(c ->
            c.action().getClass().getSimpleName()
                + " for "
                + c.pods()
                + " pods"
                + (c.mayGrow() ? ", may grow" : ""))
        .toList();
  }

  @Test
  void singleAddressesAreForPodsThatWaitOrComeAndBlocksForThoseThatWait() {
    assertThat(candidates(3, assign(9), create(9, 0)))
        .containsExactly("AssignAddresses for 9 pods", "CreateInterface for 9 pods");
    assertThat(
            candidates(
                20,
                new CloudAction.AssignPrefixes(NODE, primary, IpFamily.IPV4, 1),
                create(0, 1),
                create(0, 9)))
        .containsExactly(
            "AssignPrefixes for 16 pods, may grow",
            "CreateInterface for 4 pods, may grow",
            "CreateInterface for 0 pods");
  }

  @Test
  void whatFillsAnInterfaceCannotComeToBringMore() {
    assertThat(candidates(0, assign(8))).containsExactly("AssignAddresses for 8 pods, may grow");
    cloud.execute(assign(4));
    assertThat(candidates(0, assign(4))).containsExactly("AssignAddresses for 4 pods, may grow");
    assertThat(candidates(0, assign(5))).containsExactly("AssignAddresses for 5 pods");
    assertThat(candidates(0, create(8, 0))).containsExactly("CreateInterface for 8 pods, may grow");
  }

  @Test
  void attachingIsForWhatTheInterfaceHolds() {
    cloud.execute(create(7, 0));
    InterfaceId made = seen().unattachedFor(NODE).getFirst().id();
    assertThat(
            candidates(
                2,
                new CloudAction.AttachInterface(NODE, INSTANCE, made, 0, 1),
                new CloudAction.DeleteInterface(NODE, made),
                assign(1)))
        .containsExactly("AttachInterface for 7 pods");
  }
}
