package io.portolan.common.pool;

import static io.portolan.common.pool.PoolStates.NOW;
import static io.portolan.common.pool.PoolStates.addresses;
import static io.portolan.common.pool.PoolStates.node;
import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.cloud.CloudFault;
import io.portolan.common.cloud.InstanceLimits;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.cloud.Placement;
import io.portolan.common.cloud.SubnetId;
import io.portolan.common.net.Cidr;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PoolPlannerTest {
  private static final PoolTargets PREFIXES = PoolTargets.DEFAULT.withPrefixes(true);
  private static final Instant LONG_AGO = NOW.minus(Duration.ofHours(1));

  private static PoolMemory excessSince(Instant since, int atLeast) {
    return PoolMemory.EMPTY.withExcess(Optional.of(new PoolMemory.Excess(since, atLeast)));
  }

  @Test
  void asksForAllThatIsMissingAndForPodsToComeInOneCallAndSaysWhy() {
    assertThat(node().interfaceWith().pods(4).text())
        .isEqualTo(
            """
            node n1: supply 0, demand 4, target 6, capacity 27
              because target 6 = 4 pods + 0 cooling + 2 reserve, of 27 that a m5.large holds; supply 0
              because assign 9 to eni-0, which has 9 free slots
              because 3 more than are missing, for pods to come
              assign eni-0 addresses 9
              Ready=True Supplied: 0 addresses
              AddressesAvailable=False Assigning: 4 more addresses are on their way
              Degraded=False Normal: nothing is wrong
            """);
  }

  @Test
  void theFirstAddressesOfANodeFillItsInterfaceAndTheNextAreOnlyWhatIsMissing() {
    assertThat(node().interfaceWith().actions()).isEqualTo("assign eni-0 addresses 9\n");
    assertThat(node().interfaceWith(addresses(0, 9)).pods(3).actions()).isEmpty();
    assertThat(node().interfaceWith(addresses(0, 5)).pods(6).actions())
        .isEqualTo("assign eni-0 addresses 3\n");
  }

  @Test
  void aNewInterfaceIsMadeForPodsToComeWithinHalfOfWhatTheMachineHolds() {
    InstanceLimits four = new InstanceLimits(1, 4, 9, true, 28, Integer.MAX_VALUE);
    assertThat(node().limits(four).interfaceWith(addresses(0, 9)).pods(8).actions())
        .isEqualTo("create in subnet-a addresses 9\n");
    assertThat(
            node()
                .limits(four)
                .interfaceWith(addresses(0, 9))
                .interfaceWith(addresses(1, 9))
                .pods(17)
                .actions())
        .isEqualTo("create in subnet-a addresses 1\n");
    assertThat(
            node()
                .limits(four)
                .targets(PoolTargets.DEFAULT.withMaxAddresses(24))
                .interfaceWith(addresses(0, 9))
                .pods(8)
                .actions())
        .isEqualTo("create in subnet-a addresses 3\n");
  }

  @Test
  void aPlanOfSeveralCallsStaysWithinHalfOfTheMachineToo() {
    InstanceLimits four = new InstanceLimits(1, 4, 9, true, 28, Integer.MAX_VALUE);
    assertThat(node().limits(four).interfaceWith().pods(19).actions())
        .isEqualTo(
            """
            assign eni-0 addresses 9
            create in subnet-a addresses 9
            create in subnet-a addresses 3
            """);
    assertThat(
            node()
                .limits(four)
                .interfaceWith()
                .looseInterfaceWith(addresses(10, 9))
                .pods(19)
                .actions())
        .isEqualTo(
            """
            assign eni-0 addresses 9
            attach eni-10 at 0/1
            create in subnet-a addresses 3
            """);
  }

  @Test
  void nothingIsAskedForPodsToComeWhereNoReserveIsWantedOrTheSubnetHasLittle() {
    assertThat(node().targets(PoolTargets.DEFAULT.withReserve(0)).interfaceWith().actions())
        .isEmpty();
    assertThat(node().targets(PoolTargets.DEFAULT.withReserve(0)).interfaceWith().pods(1).actions())
        .isEqualTo("assign eni-0 addresses 1\n");
    assertThat(node().lifecycle(NodePoolState.Lifecycle.CORDONED).interfaceWith().pods(1).actions())
        .isEqualTo("assign eni-0 addresses 1\n");
    assertThat(node().subnet("subnet-a", 47).interfaceWith().actions())
        .isEqualTo("assign eni-0 addresses 2\n");
    assertThat(node().subnet("subnet-a", 80).interfaceWith().actions())
        .isEqualTo("assign eni-0 addresses 5\n");
  }

  @Test
  void fillsWhatIsThereBeforeItMakesAnother() {
    assertThat(node().interfaceWith(addresses(0, 6)).pods(14).actions())
        .isEqualTo(
            """
            assign eni-0 addresses 3
            create in subnet-a addresses 7
            """);
  }

  @Test
  void attachesWhatACrashLeftLooseInsteadOfMakingAnother() {
    assertThat(
            node()
                .interfaceWith(addresses(0, 9))
                .looseInterfaceWith(addresses(10, 7))
                .pods(14)
                .actions())
        .isEqualTo("attach eni-10 at 0/1\n");
  }

  @Test
  void deletesWhatACrashLeftLooseWhenItIsNotNeeded() {
    assertThat(node().interfaceWith(addresses(0, 6)).looseInterfaceWith().pods(4).actions())
        .isEqualTo("delete eni-10\n");
  }

  @Test
  void anInterfaceThatWouldOutliveItsMachineIsProtected() {
    assertThat(
            node()
                .interfaceWith(addresses(0, 6))
                .interfaceLeftUnprotected(addresses(1, 1))
                .pods(5)
                .actions())
        .isEqualTo("delete-with-machine eni-1\n");
  }

  @Test
  void waitsForAnInterfaceThatIsBeingAttached() {
    PoolPlan plan =
        node()
            .interfaceWith(addresses(0, 9))
            .interfaceBeing(ObservedInterface.State.ATTACHING)
            .pods(12)
            .plan();
    assertThat(plan.actions()).isEmpty();
    assertThat(plan.conditions().get(1).toString())
        .isEqualTo("AddressesAvailable=False Attaching: eni-1 is being attached");
    assertThat(plan.wakeAt()).contains(NOW.plusSeconds(60));
  }

  @Test
  void anInterfaceThatNeverFinishesAttachingIsReported() {
    PoolMemory seen =
        PoolMemory.EMPTY.withSince(
            new TreeMap<>(), new TreeMap<>(Map.of(new InterfaceId("eni-1"), LONG_AGO)));
    PoolPlan plan =
        node()
            .interfaceWith(addresses(0, 9))
            .interfaceBeing(ObservedInterface.State.ATTACHING)
            .pods(12)
            .memory(seen)
            .plan();
    assertThat(plan.conditions().get(2).toString())
        .isEqualTo(
            "Degraded=True InterfaceStuck: eni-1 has been ATTACHING since 2026-01-01T11:00:00Z");
  }

  @Test
  void restingAddressesCountAsNeeded() {
    PoolStates state = node().interfaceWith(addresses(0, 5)).pods(4);
    assertThat(state.podsLeft(2, Duration.ofSeconds(10)).actions())
        .isEqualTo("assign eni-0 addresses 3\n");
    assertThat(state.podsLeft(2, Duration.ofSeconds(40)).actions()).isEmpty();
  }

  @Test
  void theReserveIsMadeWholeOnceForABurstUnlessAPodWaits() {
    PoolStates state = node().interfaceWith(addresses(0, 5)).pods(4);
    PoolPlan first = state.plan();
    assertThat(first.actions()).isEmpty();
    assertThat(first.wakeAt()).contains(NOW.plusSeconds(1));
    assertThat(
            PoolExplain.actions(
                new PoolPlanner(new MostFreeSubnet())
                    .plan(state.memory(first.memory()).state(), NOW.plusSeconds(1))))
        .isEqualTo("assign eni-0 addresses 1\n");
    assertThat(state.pods(6).actions()).isEqualTo("assign eni-0 addresses 3\n");
  }

  @Test
  void moreThanTheMachineHoldsIsSaidNotTried() {
    PoolPlan plan =
        node()
            .interfaceWith(addresses(0, 9))
            .interfaceWith(addresses(1, 9))
            .interfaceWith(addresses(2, 9))
            .pods(30)
            .plan();
    assertThat(plan.actions()).isEmpty();
    assertThat(plan.conditions().get(1).toString())
        .isEqualTo(
            "AddressesAvailable=False NodeFull: 30 pods need an address and the node can hold 27;"
                + " lower its max pods, use a larger machine, or whole blocks if its type can have"
                + " them");
  }

  @Test
  void neverMoreThanTheProfileAllows() {
    assertThat(
            node()
                .targets(PoolTargets.DEFAULT.withMaxAddresses(5))
                .interfaceWith()
                .pods(9)
                .actions())
        .isEqualTo("assign eni-0 addresses 5\n");
  }

  @Test
  void aCloudThatCannotAddInterfacesFillsThoseThereAre() {
    assertThat(
            node()
                .withoutNewInterfaces()
                .limits(new InstanceLimits(1, 8, 256, false, 28, 256))
                .interfaceWith()
                .pods(300)
                .actions())
        .isEqualTo("assign eni-0 addresses 50\n");
  }

  @Test
  void anExhaustedSubnetIsNotAskedAndAnotherIsUsed() {
    PoolTargets both =
        new PoolTargets(
            2,
            Duration.ofMinutes(5),
            Duration.ofSeconds(30),
            Integer.MAX_VALUE,
            false,
            0,
            Placement.Rules.of(
                Set.of(PoolStates.SUBNET, new SubnetId("subnet-b")), Map.of(), Set.of()),
            Duration.ofMinutes(1),
            Duration.ofMinutes(10));
    SubnetTroubles exhausted =
        SubnetTroubles.NONE.refused(PoolStates.SUBNET, false, 1, NOW.minusSeconds(10));
    assertThat(
            node()
                .targets(both)
                .subnet("subnet-b", 50)
                .interfaceWith()
                .pods(4)
                .troubles(exhausted)
                .actions())
        .isEqualTo("create in subnet-b addresses 6\n");
  }

  @Test
  void anEmptySubnetIsToldWithTheWayOut() {
    PoolPlan plan = node().subnet("subnet-a", 0).interfaceWith().pods(4).plan();
    assertThat(plan.actions()).isEmpty();
    assertThat(plan.conditions().get(1).toString())
        .isEqualTo("AddressesAvailable=False SubnetExhausted: subnet-a has no free address");
  }

  @Test
  void aRefusedNumberIsHalvedUntilTheLastAddressesAreFound() {
    SubnetTroubles refused =
        SubnetTroubles.NONE.refused(PoolStates.SUBNET, false, 6, NOW.minusSeconds(1));
    assertThat(node().interfaceWith().pods(4).troubles(refused).actions())
        .isEqualTo("assign eni-0 addresses 3\n");
    SubnetTroubles old =
        SubnetTroubles.NONE.refused(PoolStates.SUBNET, false, 1, NOW.minusSeconds(61));
    assertThat(node().interfaceWith().pods(4).troubles(old).actions())
        .isEqualTo("assign eni-0 addresses 9\n");
  }

  @Test
  void wholeBlocksWhereTheProfileWantsThem() {
    assertThat(node().targets(PREFIXES).interfaceWith().pods(20).actions())
        .isEqualTo("assign eni-0 prefixes 2\n");
  }

  @Test
  void singleAddressesWhereNoBlockIsWhole() {
    SubnetTroubles fragmented =
        SubnetTroubles.NONE.refused(PoolStates.SUBNET, true, 1, NOW.minusSeconds(60));
    PoolPlan plan = node().targets(PREFIXES).interfaceWith().pods(4).troubles(fragmented).plan();
    assertThat(PoolExplain.actions(plan)).isEqualTo("assign eni-0 addresses 6\n");
    assertThat(plan.conditions().get(2).toString())
        .isEqualTo(
            "Degraded=True SubnetFragmented: no whole free block in the subnet; single addresses"
                + " are used until 2026-01-01T12:09:00Z");
  }

  @Test
  void returnsToWholeBlocksAfterAWhileAndThenGivesTheSinglesBack() {
    SubnetTroubles old =
        SubnetTroubles.NONE.refused(PoolStates.SUBNET, true, 1, NOW.minusSeconds(601));
    assertThat(
            node().targets(PREFIXES).interfaceWith(addresses(0, 6)).pods(4).troubles(old).actions())
        .isEqualTo("assign eni-0 prefixes 1\n");
    assertThat(
            node()
                .targets(PREFIXES)
                .interfaceWith("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.64/28")
                .pods(4, "10.0.0.2")
                .memory(excessSince(LONG_AGO, 13))
                .actions())
        .isEqualTo("mark 10.0.0.1/32,10.0.0.3/32\n");
  }

  @Test
  void marksOnlyWhatHasBeenTooMuchForTheWholeDelay() {
    PoolStates state = node().interfaceWith(addresses(0, 9)).pods(2, "10.0.0.1", "10.0.0.2");
    assertThat(state.actions()).isEmpty();
    assertThat(state.plan().wakeAt()).contains(NOW.plusSeconds(300));
    assertThat(state.memory(excessSince(NOW.minusSeconds(299), 5)).actions()).isEmpty();
    assertThat(state.memory(excessSince(NOW.minusSeconds(300), 3)).actions())
        .isEqualTo("mark 10.0.0.3/32,10.0.0.4/32,10.0.0.5/32\n");
  }

  @Test
  void drainsTheInterfaceThatIsNearestToEmpty() {
    assertThat(
            node()
                .interfaceWith(addresses(0, 5))
                .interfaceWith(addresses(1, 5))
                .interfaceWith(addresses(2, 3))
                .pods(3, "10.0.1.1", "10.0.1.2", "10.0.2.1")
                .memory(excessSince(LONG_AGO, 4))
                .actions())
        .isEqualTo("mark 10.0.1.3/32,10.0.1.4/32,10.0.2.2/32,10.0.2.3/32\n");
  }

  @Test
  void unassignsOnlyWhatTheNodeGaveUpForTheStandingMark() {
    PoolStates state =
        node()
            .interfaceWith(addresses(0, 8))
            .pods(2)
            .handshake(
                Map.of("10.0.0.6/32", 7L, "10.0.0.7/32", 9L, "10.0.0.8/32", 9L),
                Map.of("10.0.0.6/32", 7L, "10.0.0.7/32", 8L));
    assertThat(state.actions())
        .isEqualTo(
            """
            withdraw 10.0.0.6/32
            unassign eni-0 10.0.0.6/32
            """);
  }

  @Test
  void takesBackWhatIsMarkedBeforeItAsksTheCloud() {
    assertThat(
            node()
                .interfaceWith(addresses(0, 8))
                .pods(5)
                .handshake(
                    Map.of("10.0.0.6/32", 7L, "10.0.0.7/32", 9L, "10.0.0.8/32", 9L),
                    Map.of("10.0.0.6/32", 7L))
                .actions())
        .isEqualTo("take-back 10.0.0.7/32,10.0.0.8/32\n");
  }

  @Test
  void anAddressWithdrawnButNotUnassignedIsUnassignedWithoutAskingAgain() {
    PoolMemory withdrawn =
        PoolMemory.EMPTY.withWithdrawn(new TreeSet<>(Set.of(Cidr.parse("10.0.0.5/32"))));
    assertThat(node().interfaceWith(addresses(0, 5)).pods(2).memory(withdrawn).actions())
        .isEqualTo("unassign eni-0 10.0.0.5/32\n");
  }

  @Test
  void anInterfaceThatStaysEmptyIsDetachedButNeverThePrimary() {
    TreeMap<InterfaceId, Instant> empty =
        new TreeMap<>(
            Map.of(new InterfaceId("eni-0"), LONG_AGO, new InterfaceId("eni-1"), LONG_AGO));
    assertThat(
            node()
                .targets(PoolTargets.DEFAULT.withReserve(0))
                .interfaceWith()
                .interfaceWith()
                .memory(PoolMemory.EMPTY.withSince(empty, new TreeMap<>()))
                .actions())
        .isEqualTo("detach eni-1\n");
  }

  @Test
  void anInterfaceThatIsFilledAgainIsNotDetached() {
    TreeMap<InterfaceId, Instant> empty = new TreeMap<>(Map.of(new InterfaceId("eni-1"), LONG_AGO));
    assertThat(
            node()
                .interfaceWith(addresses(0, 9))
                .interfaceWith()
                .pods(10)
                .memory(PoolMemory.EMPTY.withSince(empty, new TreeMap<>()))
                .actions())
        .isEqualTo("assign eni-1 addresses 3\n");
  }

  @Test
  void aNodeThatIsLeavingIsLeftAlone() {
    assertThat(
            node()
                .lifecycle(NodePoolState.Lifecycle.LEAVING)
                .interfaceWith()
                .looseInterfaceWith()
                .pods(5)
                .actions())
        .isEmpty();
  }

  @Test
  void aCordonedNodeServesItsPodsAndKeepsNoReserve() {
    assertThat(node().lifecycle(NodePoolState.Lifecycle.CORDONED).interfaceWith().pods(5).actions())
        .isEqualTo("assign eni-0 addresses 5\n");
  }

  @Test
  void nothingIsDoneAfterALostReplyBeforeTheCloudWasSeenAgain() {
    PoolPlan plan =
        node()
            .interfaceWith()
            .pods(5)
            .memory(PoolMemory.EMPTY.lookingAfter(NOW.plusSeconds(5)))
            .plan();
    assertThat(plan.actions()).isEmpty();
    assertThat(plan.wakeAt()).contains(NOW.plusSeconds(5));
  }

  @Test
  void aRefusalThatOnlyPeopleCanUndoPausesTheNodeAndSaysHow() {
    CloudFault denied =
        new CloudFault.Denied(
            new CloudFault.Detail("UnauthorizedOperation", "", "AssignPrivateIpAddresses"), false);
    PoolMemory paused =
        PoolMemory.EMPTY.withPause(Optional.of(new PoolMemory.Pause(denied, NOW.plusSeconds(30))));
    PoolPlan plan = node().interfaceWith().pods(5).memory(paused).plan();
    assertThat(plan.actions()).isEmpty();
    assertThat(plan.wakeAt()).contains(NOW.plusSeconds(30));
    assertThat(plan.conditions()).allMatch(c -> c.reason().equals("CloudPermissionDenied"));
    assertThat(plan.conditions().getFirst().message())
        .isEqualTo(
            "AssignPrivateIpAddresses: UnauthorizedOperation: grant the controller's role this"
                + " permission");
  }

  @Test
  void aMachineTheCloudDoesNotKnowIsReported() {
    assertThat(node().unknownToTheCloud().pods(3).text())
        .isEqualTo(
            """
            node n1: supply 0, demand 3, target 0, capacity 0
              because the cloud knows no machine of this node
              Ready=False MachineUnknown: the cloud knows no machine of this node
              AddressesAvailable=False MachineUnknown: the cloud knows no machine of this node
              Degraded=False Normal: nothing is wrong
            """);
  }

  @Test
  void theSameStateGivesTheSamePlan() {
    PoolStates state =
        node().interfaceWith(addresses(0, 6)).looseInterfaceWith(addresses(10, 2)).pods(40);
    assertThat(state.plan()).isEqualTo(state.plan());
  }
}
