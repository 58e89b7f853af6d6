package io.portolan.lab.scenario;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.sim.ec2.Ec2World;
import io.portolan.sim.ec2.VpcView;
import io.portolan.sim.ec2.model.Instance;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.time.SimTime;
import java.util.Map;

/**
 * The lab's corner of AWS: one VPC with two subnets in two zones, built through the cloud's own
 * API.
 */
final class AwsAccount {
  static final String REGION = "eu-central-1";
  static final Cidr VPC = Cidr.parse("10.0.0.0/16");

  private static final Map<String, Cidr> SUBNETS =
      Map.of("a", Cidr.parse("10.0.0.0/24"), "b", Cidr.parse("10.0.1.0/24"));

  /**
   * A running instance.
   *
   * @param address of its primary interface
   * @param subnet the block of its subnet
   */
  record Machine(String instanceId, String type, String zone, IpAddress address, Cidr subnet) {}

  private final Ec2World world;
  private final Map<String, String> subnetIds;
  private final String group;

  private AwsAccount(Ec2World world, Map<String, String> subnetIds, String group) {
    this.world = world;
    this.subnetIds = subnetIds;
    this.group = group;
  }

  static AwsAccount create(long seed, SimTime time) {
    Ec2World world = new Ec2World(Ec2World.Options.DEFAULT.withSeed(seed).withRegion(REGION), time);
    String vpc = world.run("CreateVpc", "CidrBlock", VPC.toString()).text("vpc/vpcId");
    String group =
        world
            .run(
                "CreateSecurityGroup",
                "VpcId",
                vpc,
                "GroupName",
                "nodes",
                "GroupDescription",
                "nodes")
            .text("groupId");
    Map<String, String> subnetIds =
        Map.of("a", subnet(world, vpc, "a"), "b", subnet(world, vpc, "b"));
    return new AwsAccount(world, subnetIds, group);
  }

  private static String subnet(Ec2World world, String vpc, String zone) {
    return world
        .run(
            "CreateSubnet",
            "VpcId",
            vpc,
            "CidrBlock",
            String.valueOf(SUBNETS.get(zone)),
            "AvailabilityZone",
            REGION + zone)
        .text("subnet/subnetId");
  }

  /** Launches a machine in subnet {@code a} or {@code b}. */
  Machine runInstance(String name, String type, String subnet) {
    String id =
        world
            .run(
                "RunInstances",
                "ImageId",
                "ami-00000000000000001",
                "InstanceType",
                type,
                "MinCount",
                "1",
                "MaxCount",
                "1",
                "SubnetId",
                String.valueOf(subnetIds.get(subnet)),
                "SecurityGroupId.1",
                group,
                "TagSpecification.1.ResourceType",
                "instance",
                "TagSpecification.1.Tag.1.Key",
                "Name",
                "TagSpecification.1.Tag.1.Value",
                name)
            .text("instancesSet/item/instanceId");
    VpcView view = world.view();
    Instance instance =
        view.instances().stream()
            .filter(i -> i.id().toString().equals(id))
            .findFirst()
            .orElseThrow();
    NetworkInterface primary = view.networkInterface(instance.primaryInterface()).orElseThrow();
    Cidr block = view.subnet(instance.subnet()).orElseThrow().ipv4();
    return new Machine(id, instance.type(), instance.zone(), primary.primaryAddress(), block);
  }

  /** Takes a machine away, as an autoscaler does. */
  void terminate(String instanceId) {
    world.run("TerminateInstances", "InstanceId.1", instanceId);
  }

  Ec2World world() {
    return world;
  }
}
