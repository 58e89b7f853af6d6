package io.portolan.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.aws.limits.InstanceLimitsTable;
import io.portolan.aws.limits.InstanceTypeCatalog;
import io.portolan.common.cloud.ActionToken;
import io.portolan.common.cloud.AttachmentId;
import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.CloudFault;
import io.portolan.common.cloud.CloudObservation;
import io.portolan.common.cloud.CloudOutcome;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservationScope;
import io.portolan.common.cloud.ObserveOutcome;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.cloud.SubnetId;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import io.portolan.sim.ec2.Ec2Behavior;
import io.portolan.sim.ec2.action.Exhaustion;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.fault.DelayRange;
import io.portolan.sim.fault.Fault;
import io.portolan.sim.fault.FaultRule;
import io.portolan.sim.time.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class AwsCloudNetworkTest {
  private static final NodeName N1 = new NodeName("n1");

  private final VirtualTime time = VirtualTime.create();
  private final SimulatedAccount account = new SimulatedAccount(1, time);
  private final AwsCloudNetwork network =
      new AwsCloudNetwork(
          account.api(),
          new InstanceTypeCatalog(account.api(), InstanceLimitsTable.bundled(), time),
          SimulatedAccount.CLUSTER,
          time,
          time::advance);
  private String subnet = "";
  private InstanceId instance = new InstanceId("?");

  @BeforeEach
  void oneNode() {
    subnet = account.subnet("eu-central-1a", "10.0.1.0/24");
    instance = new InstanceId(account.instance("m5.large", subnet));
  }

  @Test
  void oneReadingTakesFiveRequestsWhateverTheNumberOfNodes() {
    for (int i = 0; i < 20; i++) {
      account.instance("m5.large", subnet);
    }
    assertThat(reading().calls().toString())
        .isEqualTo(
            "{DescribeInstanceTypes=1, DescribeInstances=1, DescribeNetworkInterfaces=1,"
                + " DescribeSubnets=1, DescribeVpcs=1}");
    assertThat(reading().calls().toString())
        .as("limits are known by now")
        .isEqualTo(
            "{DescribeInstances=1, DescribeNetworkInterfaces=1, DescribeSubnets=1,"
                + " DescribeVpcs=1}");
  }

  @Test
  void publishesEveryBlockOfTheVpc() {
    account
        .world()
        .run("AssociateVpcCidrBlock", "VpcId", account.vpc(), "CidrBlock", "100.64.0.0/16");
    assertThat(observe().networkCidrs())
        .containsExactly(Cidr.parse("10.0.0.0/16"), Cidr.parse("100.64.0.0/16"));
  }

  @Test
  void anInterfaceIsMadeAttachedProtectedAndFilledInFourActions() {
    ObservedInterface created = create("t1", 3, 0);
    assertThat(created.addresses()).hasSize(3);
    assertThat(created.ours()).isTrue();
    assertThat(created.createdFor()).contains(N1);
    assertThat(created.createdAt()).contains(time.instant());
    assertThat(observe().unattachedFor(N1)).containsExactly(created);

    CloudOutcome.Facts attached =
        facts(network.execute(new CloudAction.AttachInterface(N1, instance, created.id(), 0, 1)));
    AttachmentId attachment = attached.attachment().orElseThrow().id().orElseThrow();
    assertThat(second().attachment().orElseThrow().deletedWithMachine()).isFalse();

    facts(network.execute(new CloudAction.DeleteWithMachine(N1, created.id(), attachment)));
    assertThat(second().attachment().orElseThrow().deletedWithMachine()).isTrue();

    List<Cidr> assigned =
        facts(network.execute(new CloudAction.AssignAddresses(N1, created.id(), IpFamily.IPV4, 6)))
            .assigned();
    assertThat(assigned).hasSize(6);
    assertThat(second().addresses()).hasSize(9);

    facts(network.execute(new CloudAction.Unassign(N1, created.id(), assigned)));
    assertThat(second().addresses()).hasSize(3);

    facts(
        network.execute(
            new CloudAction.DetachInterface(N1, created.id(), Optional.of(attachment))));
    facts(network.execute(new CloudAction.DeleteInterface(N1, created.id())));
    assertThat(account.ourEnis()).isEmpty();
  }

  @Test
  void theSameTokenMakesOneInterfaceEvenWhenTheFirstReplyIsLost() {
    account
        .world()
        .behave(
            Ec2Behavior.PROMPT.withRule(
                FaultRule.once("CreateNetworkInterface", new Fault.LostReply())));
    CloudAction.CreateInterface action = creation("t1", 3, 0);

    assertThat(network.execute(action)).isInstanceOf(CloudOutcome.Unknown.class);
    assertThat(account.ourEnis()).hasSize(1);
    time.advance(Duration.ofSeconds(5));
    assertThat(network.execute(action)).isInstanceOf(CloudOutcome.Applied.class);
    assertThat(account.ourEnis()).hasSize(1);
  }

  @Test
  void aFragmentedSubnetStillGivesSingleAddresses() {
    // A /27: .0-.15 holds EC2's own and the primary ENI's, .16-.31 is broken by one address.
    String small = account.subnet("eu-central-1a", "10.0.2.0/27");
    account
        .world()
        .run("CreateNetworkInterface", "SubnetId", small, "PrivateIpAddress", "10.0.2.20");
    for (Exhaustion spelling : Exhaustion.values()) {
      account.world().behave(Ec2Behavior.PROMPT.withExhaustion(spelling));
      assertThat(fault(network.execute(creation(small, "p-" + spelling, 0, 1))).reason())
          .as("spelling %s", spelling)
          .isEqualTo("SubnetFragmented");
    }
    assertThat(network.execute(creation(small, "s", 4, 0)))
        .isInstanceOf(CloudOutcome.Applied.class);
    assertThat(fault(network.execute(creation(small, "full", 40, 0))).reason())
        .isIn("SubnetExhausted", "InterfaceFull");
  }

  @Test
  void everyLimitOfTheMachineHasItsReason() {
    NetworkInterface primary = account.enis(instance.value()).getFirst();
    InterfaceId eni = new InterfaceId(primary.id().text());
    observe();
    assertThat(
            fault(network.execute(new CloudAction.AssignAddresses(N1, eni, IpFamily.IPV4, 10)))
                .message())
        .startsWith("assign 10 addresses to " + eni + " of n1: PrivateIpAddressLimitExceeded (")
        .endsWith(eni + " holds all it can");

    for (int index = 1; index < 3; index++) {
      ObservedInterface extra = create("t" + index, 0, 0);
      facts(network.execute(new CloudAction.AttachInterface(N1, instance, extra.id(), 0, index)));
    }
    ObservedInterface fourth = create("t4", 0, 0);
    assertThat(
            fault(network.execute(new CloudAction.AttachInterface(N1, instance, fourth.id(), 0, 3)))
                .reason())
        .isEqualTo("MachineFull");
    assertThat(fault(network.execute(new CloudAction.DeleteInterface(N1, second().id()))).reason())
        .isEqualTo("CloudConflict");
    assertThat(
            fault(
                    network.execute(
                        new CloudAction.DeleteInterface(
                            N1, new InterfaceId("eni-0000000000000dead"))))
                .reason())
        .isEqualTo("CloudObjectNotFound");
  }

  @Test
  void aSubnetWithNothingLeftIsNamed() {
    String tiny = account.subnet("eu-central-1a", "10.0.3.0/28");
    InstanceId crowded = new InstanceId(account.instance("m5.large", tiny));
    NodeName n2 = new NodeName("n2");
    ObserveOutcome.Observed seen = reading(Map.of(n2, crowded));
    InterfaceId eni = seen.observation().machine(n2).orElseThrow().primary().orElseThrow().id();

    facts(network.execute(new CloudAction.AssignAddresses(n2, eni, IpFamily.IPV4, 9)));
    account.instance("m5.large", tiny);

    assertThat(fault(network.execute(creation(tiny, "t9", 0, 0))).message())
        .contains("InsufficientFreeAddressesInSubnet")
        .endsWith(
            tiny
                + " has no free address; add a subnet to the profile, or lower the max pods of its"
                + " nodes");
  }

  @Test
  void unattachedInterfacesAreFoundByTagWhenNoNodeIsLeft() {
    ObservedInterface created = create("t1", 0, 0);
    assertThat(reading(Map.of()).observation().unattached())
        .extracting(ObservedInterface::id)
        .containsExactly(created.id());
  }

  @Test
  void attachingAndDetachingAreWaitedFor() {
    account
        .world()
        .behave(
            Ec2Behavior.PROMPT
                .withAttach(DelayRange.of(Duration.ofSeconds(2)))
                .withDetach(DelayRange.of(Duration.ofSeconds(3))));
    ObservedInterface created = create("t1", 0, 0);
    AttachmentId attachment =
        facts(network.execute(new CloudAction.AttachInterface(N1, instance, created.id(), 0, 1)))
            .attachment()
            .orElseThrow()
            .id()
            .orElseThrow();
    assertThat(second().state()).isEqualTo(ObservedInterface.State.ATTACHED);
    assertThat(account.world().calls().total("DescribeNetworkInterfaces")).isLessThan(6);

    facts(
        network.execute(
            new CloudAction.DetachInterface(N1, created.id(), Optional.of(attachment))));
    assertThat(observe().unattachedFor(N1)).hasSize(1);
  }

  @Test
  void anAttachmentThatTakesTooLongIsLookedAtLater() {
    account.world().behave(Ec2Behavior.PROMPT.withAttach(DelayRange.of(Duration.ofMinutes(10))));
    ObservedInterface created = create("t1", 0, 0);

    assertThat(network.execute(new CloudAction.AttachInterface(N1, instance, created.id(), 0, 1)))
        .isEqualTo(new CloudOutcome.Unknown(created.id() + " was not seen attached in time"));
    assertThat(second().state()).isEqualTo(ObservedInterface.State.ATTACHING);
  }

  @Test
  void aReadingThatFailsInAnyPartConcludesNothing() {
    for (String action :
        List.of(
            "DescribeInstances", "DescribeNetworkInterfaces", "DescribeSubnets", "DescribeVpcs")) {
      account
          .world()
          .behave(
              Ec2Behavior.PROMPT.withRule(
                  FaultRule.once(
                      action,
                      new Fault.Refusal("UnauthorizedOperation", 403, "You are not authorized"))));
      ObserveOutcome outcome = network.observe(ObservationScope.cluster(Map.of(N1, instance)));
      assertThat(outcome)
          .isInstanceOfSatisfying(
              ObserveOutcome.Failed.class,
              failed -> assertThat(failed.fault().message()).startsWith(action + " of c1: "));
    }
  }

  @Test
  void withoutPermissionToAskLimitsComeFromTheTable() {
    account
        .world()
        .behave(
            Ec2Behavior.PROMPT.withRule(
                FaultRule.always(
                    "DescribeInstanceTypes",
                    new Fault.Refusal("UnauthorizedOperation", 403, "You are not authorized"))));
    assertThat(observe().machine(N1).orElseThrow().limits().slotsPerInterface()).isEqualTo(9);
    observe();
    assertThat(account.world().calls().total("DescribeInstanceTypes"))
        .as("not asked again for a while")
        .isEqualTo(1);
    time.advance(Duration.ofHours(2));
    observe();
    assertThat(account.world().calls().total("DescribeInstanceTypes")).isEqualTo(2);
  }

  private ObservedInterface second() {
    return observe().machine(N1).orElseThrow().interfaces().get(1);
  }

  private CloudObservation observe() {
    return reading().observation();
  }

  private ObserveOutcome.Observed reading() {
    return reading(Map.of(N1, instance));
  }

  private ObserveOutcome.Observed reading(Map<NodeName, InstanceId> nodes) {
    return switch (network.observe(ObservationScope.cluster(nodes))) {
      case ObserveOutcome.Observed observed -> observed;
      case ObserveOutcome.Failed failed -> throw new AssertionError(failed.fault().message());
    };
  }

  private CloudAction.CreateInterface creation(String token, int addresses, int prefixes) {
    return creation(subnet, token, addresses, prefixes);
  }

  private CloudAction.CreateInterface creation(
      String where, String token, int addresses, int prefixes) {
    return new CloudAction.CreateInterface(
        N1, instance, new SubnetId(where), List.of(), addresses, prefixes, new ActionToken(token));
  }

  private ObservedInterface create(String token, int addresses, int prefixes) {
    return facts(network.execute(creation(token, addresses, prefixes)))
        .interfaceNow()
        .orElseThrow();
  }

  private static CloudOutcome.Facts facts(CloudOutcome outcome) {
    return switch (outcome) {
      case CloudOutcome.Applied applied -> applied.facts();
      case CloudOutcome.Failed failed -> throw new AssertionError(failed.fault().message());
      case CloudOutcome.Unknown unknown -> throw new AssertionError(unknown.why());
    };
  }

  private static CloudFault fault(CloudOutcome outcome) {
    return switch (outcome) {
      case CloudOutcome.Failed failed -> failed.fault();
      case CloudOutcome.Applied applied -> throw new AssertionError(applied.facts());
      case CloudOutcome.Unknown unknown -> throw new AssertionError(unknown.why());
    };
  }
}
