package io.portolan.sim.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.IpAddress;
import io.portolan.sim.ec2.action.Element;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.ec2.model.Subnet;
import io.portolan.sim.time.VirtualTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A VPC of 10.0.0.0/16 in virtual time, and shorthand for what tests do to it. */
final class SimulatedVpc {
  final VirtualTime time = VirtualTime.create();
  final Ec2World world;
  final String vpc;
  final String subnet;

  SimulatedVpc(String subnetCidr) {
    this(subnetCidr, Ec2World.Options.DEFAULT);
  }

  SimulatedVpc(String subnetCidr, Ec2World.Options options) {
    world = new Ec2World(options, time);
    vpc = world.run("CreateVpc", "CidrBlock", "10.0.0.0/16").text("vpc/vpcId");
    subnet = subnet(subnetCidr);
  }

  String subnet(String cidr) {
    return world
        .run("CreateSubnet", "VpcId", vpc, "CidrBlock", cidr, "AvailabilityZone", "us-east-1a")
        .text("subnet/subnetId");
  }

  String instance(String type) {
    return world
        .run(
            "RunInstances",
            "ImageId",
            "ami-00000000",
            "InstanceType",
            type,
            "MinCount",
            "1",
            "MaxCount",
            "1",
            "SubnetId",
            subnet)
        .text("instancesSet/item/instanceId");
  }

  /**
   * @param more further parameters, alternating with their values
   */
  String eni(String... more) {
    Map<String, String> parameters = parameters(more);
    parameters.putIfAbsent("SubnetId", subnet);
    return answer("CreateNetworkInterface", parameters).text("networkInterface/networkInterfaceId");
  }

  String attach(String eni, String instance, int index) {
    return world
        .run(
            "AttachNetworkInterface",
            "NetworkInterfaceId",
            eni,
            "InstanceId",
            instance,
            "DeviceIndex",
            String.valueOf(index))
        .text("attachmentId");
  }

  Element answer(String action, Map<String, String> parameters) {
    return switch (world.call(action, parameters).content()) {
      case Reply.Answer answer -> Element.node(action, answer.elements());
      case Reply.Refused refused -> throw new AssertionError(refused.error());
      case Reply.Nothing nothing -> throw new AssertionError(nothing);
      case Reply.Garbage garbage -> throw new AssertionError(garbage);
    };
  }

  /** The code and message of a refusal; a test that gets an answer instead fails. */
  String refusal(String action, String... namesAndValues) {
    Reply.Content content = world.call(action, parameters(namesAndValues)).content();
    assertThat(content).as(action).isInstanceOf(Reply.Refused.class);
    return ((Reply.Refused) content).error().toString();
  }

  /** The code of a refusal alone. */
  String code(String action, String... namesAndValues) {
    String refusal = refusal(action, namesAndValues);
    return refusal.substring(0, refusal.indexOf(':'));
  }

  NetworkInterface look(String eni) {
    return world.view().state().networkInterface(ResourceId.parse(eni).orElseThrow());
  }

  boolean exists(String id) {
    return world.view().state().find(ResourceId.parse(id).orElseThrow()).isPresent();
  }

  String primaryOf(String instance) {
    return world
        .view()
        .state()
        .instance(ResourceId.parse(instance).orElseThrow())
        .primaryInterface()
        .text();
  }

  List<String> addresses(String eni) {
    return look(eni).addresses().ipv4().stream().map(IpAddress::toString).toList();
  }

  int available() {
    return look().space().available();
  }

  Subnet look() {
    return world.view().state().subnet(ResourceId.parse(subnet).orElseThrow());
  }

  static Map<String, String> parameters(String... namesAndValues) {
    Map<String, String> parameters = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      parameters.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return parameters;
  }
}
