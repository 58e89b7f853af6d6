package io.portolan.aws;

import io.portolan.aws.ec2.Ec2Api;
import io.portolan.aws.ec2.InProcessEc2;
import io.portolan.sim.ec2.Ec2World;
import io.portolan.sim.ec2.Reply;
import io.portolan.sim.ec2.XmlWriter;
import io.portolan.sim.ec2.action.Element;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.time.SimTime;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** A simulated account with one VPC, and the real adapter connected to it without sockets. */
final class SimulatedAccount {
  static final String CLUSTER = "c1";

  private final Ec2World world;
  private final String vpc;

  SimulatedAccount(long seed, SimTime time) {
    world = new Ec2World(Ec2World.Options.DEFAULT.withSeed(seed).withRegion("eu-central-1"), time);
    vpc = world.run("CreateVpc", "CidrBlock", "10.0.0.0/16").text("vpc/vpcId");
  }

  Ec2World world() {
    return world;
  }

  String vpc() {
    return vpc;
  }

  String subnet(String zone, String cidr, String... tags) {
    List<String> parameters =
        new ArrayList<>(List.of("VpcId", vpc, "CidrBlock", cidr, "AvailabilityZone", zone));
    for (int i = 0; i < tags.length; i += 2) {
      String tag = "TagSpecification.1.Tag." + (i / 2 + 1);
      parameters.addAll(List.of(tag + ".Key", tags[i], tag + ".Value", tags[i + 1]));
    }
    if (tags.length > 0) {
      parameters.addAll(List.of("TagSpecification.1.ResourceType", "subnet"));
    }
    return world.run("CreateSubnet", parameters.toArray(String[]::new)).text("subnet/subnetId");
  }

  /** Launches an instance and gives its id. */
  String instance(String type, String subnet) {
    return world
        .run(
            "RunInstances",
            "ImageId",
            "ami-0123456789abcdef0",
            "InstanceType",
            type,
            "SubnetId",
            subnet,
            "MinCount",
            "1",
            "MaxCount",
            "1")
        .text("instancesSet/item/instanceId");
  }

  void terminate(String instance) {
    world.run("TerminateInstances", "InstanceId.1", instance);
  }

  /** The ENIs an instance holds, in the order of their device index. */
  List<NetworkInterface> enis(String instance) {
    return world.view().attachedTo(ResourceId.parse(instance).orElseThrow());
  }

  /** Our ENIs, attached or not. */
  List<NetworkInterface> ourEnis() {
    return world.view().interfaces().stream()
        .filter(eni -> CLUSTER.equals(world.view().tags(eni.id()).get("portolan.io/cluster")))
        .toList();
  }

  /** The adapter with the real SDK behind it. */
  Ec2Api api() {
    return InProcessEc2.connect(this::answer);
  }

  private InProcessEc2.Reply answer(Map<String, String> parameters) throws IOException {
    Map<String, String> rest = new TreeMap<>(parameters);
    String action = Objects.requireNonNull(rest.remove("Action"));
    Reply reply = world.call(action, rest);
    return switch (reply.content()) {
      case Reply.Answer(List<Element> elements) ->
          new InProcessEc2.Reply(200, XmlWriter.answer(action, reply.requestId(), elements));
      case Reply.Refused refused ->
          new InProcessEc2.Reply(
              refused.error().status(), XmlWriter.error(reply.requestId(), refused.error()));
      case Reply.Garbage _ -> new InProcessEc2.Reply(200, "<html><body>It works!</body");
      case Reply.Nothing _ -> throw new SocketException("Connection reset");
    };
  }
}
