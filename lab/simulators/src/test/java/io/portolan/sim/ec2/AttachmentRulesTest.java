package io.portolan.sim.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.sim.ec2.action.Element;
import io.portolan.sim.fault.DelayRange;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AttachmentRulesTest {
  private final SimulatedVpc aws = new SimulatedVpc("10.0.0.0/24");

  private String status(String eni) {
    Element item =
        aws.world
            .run("DescribeNetworkInterfaces", "NetworkInterfaceId.1", eni)
            .find("networkInterfaceSet/item")
            .orElseThrow();
    return item.text("status") + item.find("attachment/status").map(s -> " " + s.text()).orElse("");
  }

  @Test
  void anInstanceTakesAsManyInterfacesAsItsTypeAllows() {
    String instance = aws.instance("m5.large");
    aws.attach(aws.eni(), instance, 1);
    aws.attach(aws.eni(), instance, 2);
    assertThat(
            aws.refusal(
                "AttachNetworkInterface",
                "NetworkInterfaceId",
                aws.eni(),
                "InstanceId",
                instance,
                "DeviceIndex",
                "3"))
        .isEqualTo("AttachmentLimitExceeded: Interface count 4 exceeds the limit for m5.large");
  }

  @Test
  void eachNetworkCardHasALimitOfItsOwn() {
    String instance = aws.instance("p5.48xlarge");
    aws.attach(aws.eni(), instance, 1);
    assertThat(
            aws.code(
                "AttachNetworkInterface",
                "NetworkInterfaceId",
                aws.eni(),
                "InstanceId",
                instance,
                "DeviceIndex",
                "2"))
        .isEqualTo("AttachmentLimitExceeded");
    assertThat(
            aws.world
                .run(
                    "AttachNetworkInterface",
                    "NetworkInterfaceId",
                    aws.eni(),
                    "InstanceId",
                    instance,
                    "DeviceIndex",
                    "1",
                    "NetworkCardIndex",
                    "7")
                .text("networkCardIndex"))
        .isEqualTo("7");
  }

  @Test
  void aDeviceIndexIsTakenOnce() {
    String instance = aws.instance("m5.large");
    aws.attach(aws.eni(), instance, 1);
    assertThat(
            aws.refusal(
                "AttachNetworkInterface",
                "NetworkInterfaceId",
                aws.eni(),
                "InstanceId",
                instance,
                "DeviceIndex",
                "1"))
        .isEqualTo(
            "InvalidParameterValue: Instance '"
                + instance
                + "' already has an interface attached at device index '1'.");
  }

  @Test
  void anInterfaceBelongsToOneInstance() {
    String eni = aws.eni();
    aws.attach(eni, aws.instance("m5.large"), 1);
    assertThat(
            aws.refusal(
                "AttachNetworkInterface",
                "NetworkInterfaceId",
                eni,
                "InstanceId",
                aws.instance("m5.large"),
                "DeviceIndex",
                "1"))
        .isEqualTo("InvalidNetworkInterface.InUse: Interface: [" + eni + "] in use.");
    assertThat(aws.code("DeleteNetworkInterface", "NetworkInterfaceId", eni))
        .isEqualTo("InvalidNetworkInterface.InUse");
  }

  @Test
  void anInterfaceWithMoreAddressesThanTheTypeHoldsIsNotAttached() {
    assertThat(
            aws.code(
                "AttachNetworkInterface",
                "NetworkInterfaceId",
                aws.eni("SecondaryPrivateIpAddressCount", "10"),
                "InstanceId",
                aws.instance("m5.large"),
                "DeviceIndex",
                "1"))
        .isEqualTo("InvalidInterface.IpAddressLimitExceeded");
  }

  @Test
  void anInterfaceStaysInItsZone() {
    String elsewhere =
        aws.world
            .run(
                "CreateSubnet",
                "VpcId",
                aws.vpc,
                "CidrBlock",
                "10.0.9.0/24",
                "AvailabilityZone",
                "us-east-1b")
            .text("subnet/subnetId");
    assertThat(
            aws.code(
                "AttachNetworkInterface",
                "NetworkInterfaceId",
                aws.eni("SubnetId", elsewhere),
                "InstanceId",
                aws.instance("m5.large"),
                "DeviceIndex",
                "1"))
        .isEqualTo("InvalidParameterCombination");
  }

  @Test
  void attachingAndDetachingTakeTheirTime() {
    aws.world.behave(
        Ec2Behavior.PROMPT.withAttach(DelayRange.parse("2s")).withDetach(DelayRange.parse("3s")));
    String instance = aws.instance("m5.large");
    String eni = aws.eni();
    assertThat(status(eni)).isEqualTo("available");
    String attachment = aws.attach(eni, instance, 1);
    assertThat(status(eni)).isEqualTo("in-use attaching");
    aws.time.advance(Duration.ofSeconds(2));
    assertThat(status(eni)).isEqualTo("in-use attached");
    aws.world.run("DetachNetworkInterface", "AttachmentId", attachment);
    assertThat(status(eni)).isEqualTo("in-use detaching");
    assertThat(aws.code("DeleteNetworkInterface", "NetworkInterfaceId", eni))
        .isEqualTo("InvalidNetworkInterface.InUse");
    assertThat(aws.code("DetachNetworkInterface", "AttachmentId", attachment))
        .isEqualTo("IncorrectState");
    assertThat(
            aws.code(
                "AttachNetworkInterface",
                "NetworkInterfaceId",
                aws.eni(),
                "InstanceId",
                instance,
                "DeviceIndex",
                "1"))
        .as("the index is free only when detached")
        .isEqualTo("InvalidParameterValue");
    aws.time.advance(Duration.ofSeconds(3));
    assertThat(status(eni)).isEqualTo("available");
    assertThat(aws.code("DetachNetworkInterface", "AttachmentId", attachment))
        .isEqualTo("InvalidAttachmentID.NotFound");
  }

  @Test
  void forceDetachesAtOnce() {
    aws.world.behave(Ec2Behavior.PROMPT.withDetach(DelayRange.parse("1m")));
    String eni = aws.eni();
    String attachment = aws.attach(eni, aws.instance("m5.large"), 1);
    aws.world.run("DetachNetworkInterface", "AttachmentId", attachment, "Force", "true");
    assertThat(status(eni)).isEqualTo("available");
  }

  @Test
  void thePrimaryInterfaceStays() {
    String primary = aws.primaryOf(aws.instance("m5.large"));
    String attachment = aws.look(primary).attachment().orElseThrow().id().text();
    assertThat(aws.code("DetachNetworkInterface", "AttachmentId", attachment))
        .isEqualTo("OperationNotPermitted");
  }

  @Test
  void onlyDeleteOnTerminationEndsAnInterfaceWithItsInstance() {
    String instance = aws.instance("m5.large");
    String primary = aws.primaryOf(instance);
    String dies = aws.eni();
    String stays = aws.eni();
    aws.attach(stays, instance, 2);
    aws.world.run(
        "ModifyNetworkInterfaceAttribute",
        "NetworkInterfaceId",
        dies,
        "Attachment.AttachmentId",
        aws.attach(dies, instance, 1),
        "Attachment.DeleteOnTermination",
        "true");
    aws.world.behave(Ec2Behavior.PROMPT.withTerminate(DelayRange.parse("5s")));
    aws.world.run("TerminateInstances", "InstanceId.1", instance);
    assertThat(aws.exists(dies)).as("while shutting down").isTrue();
    aws.time.advance(Duration.ofSeconds(5));
    assertThat(aws.exists(primary)).isFalse();
    assertThat(aws.exists(dies)).isFalse();
    assertThat(status(stays)).isEqualTo("available");
    assertThat(aws.available()).isEqualTo(250);
    assertThat(aws.exists(instance)).as("listed as terminated").isTrue();
    aws.time.advance(Duration.ofHours(1));
    assertThat(aws.exists(instance)).isFalse();
  }

  @Test
  void aTerminatedInstanceTakesNothing() {
    String instance = aws.instance("m5.large");
    aws.world.run("TerminateInstances", "InstanceId.1", instance);
    assertThat(
            aws.code(
                "AttachNetworkInterface",
                "NetworkInterfaceId",
                aws.eni(),
                "InstanceId",
                instance,
                "DeviceIndex",
                "1"))
        .isEqualTo("IncorrectState");
  }

  @Test
  void modifyingChangesOneAttributeAtATime() {
    String eni = aws.eni();
    aws.world.run(
        "ModifyNetworkInterfaceAttribute",
        "NetworkInterfaceId",
        eni,
        "SourceDestCheck.Value",
        "false");
    assertThat(aws.look(eni).sourceDestCheck()).isFalse();
    assertThat(
            aws.code(
                "ModifyNetworkInterfaceAttribute",
                "NetworkInterfaceId",
                eni,
                "SourceDestCheck.Value",
                "true",
                "Description.Value",
                "x"))
        .isEqualTo("InvalidParameterCombination");
  }

  @Test
  void whatIsUsedCannotBeDeleted() {
    String instance = aws.instance("m5.large");
    assertThat(aws.code("DeleteSubnet", "SubnetId", aws.subnet)).isEqualTo("DependencyViolation");
    assertThat(aws.code("DeleteVpc", "VpcId", aws.vpc)).isEqualTo("DependencyViolation");
    aws.world.run("TerminateInstances", "InstanceId.1", instance);
    aws.world.run("DeleteSubnet", "SubnetId", aws.subnet);
    aws.world.run("DeleteVpc", "VpcId", aws.vpc);
    assertThat(aws.world.view().vpcs()).isEmpty();
  }
}
