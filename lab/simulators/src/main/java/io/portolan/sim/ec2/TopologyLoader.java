package io.portolan.sim.ec2;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.sim.config.ConfigException;
import io.portolan.sim.config.ConfigNode;
import io.portolan.sim.ec2.action.Element;
import io.portolan.sim.ec2.model.ResourceKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Builds a world from a file, through the same operations a client would use:
 *
 * <pre>{@code
 * vpcs:
 *   - name: main                  # becomes the Name tag
 *     cidr: 10.0.0.0/16
 *     secondaryCidrs: [100.64.0.0/16]
 *     ipv6: true                  # an Amazon-provided /56
 *     tags: {team: network}
 *     securityGroups:
 *       - {name: nodes, description: the cluster's nodes}
 *     subnets:
 *       - name: a
 *         cidr: 10.0.0.0/20
 *         zone: us-east-1a
 *         ipv6Index: 0            # the how-manieth /64 of the VPC's /56
 *         tags: {kubernetes.io/role/cni: "1"}
 *         reservations:
 *           - {cidr: 10.0.1.0/24, type: prefix}
 *         instances:
 *           - name: node-1
 *             type: m5.large
 *             privateIp: 10.0.0.10    # left out: EC2 chooses
 *             securityGroups: [nodes]
 *             count: 1
 *             tags: {}
 * }</pre>
 */
public final class TopologyLoader {
  private static final String IMAGE = "ami-0000000000000cafe";

  private final Ec2World world;

  private TopologyLoader(Ec2World world) {
    this.world = world;
  }

  /**
   * @throws IOException if the file cannot be read
   * @throws ConfigException naming the field that is wrong, or that EC2 would refuse, and why
   */
  public static void load(Path file, Ec2World world) throws IOException {
    load(String.valueOf(file.getFileName()), Files.readString(file), world);
  }

  /**
   * @param name what messages about the whole document call it
   * @throws ConfigException naming the field that is wrong, or that EC2 would refuse, and why
   */
  public static void load(String name, String text, Ec2World world) {
    ConfigNode document = ConfigNode.parse(name, text).allow("vpcs");
    List<ConfigNode> vpcs = document.list("vpcs");
    if (vpcs.isEmpty()) {
      throw document.complaint("vpcs", "is missing or empty; list at least one VPC");
    }
    vpcs.forEach(new TopologyLoader(world)::vpc);
  }

  private void vpc(ConfigNode node) {
    node.allow("name", "cidr", "secondaryCidrs", "ipv6", "tags", "securityGroups", "subnets");
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("CidrBlock", node.value("cidr", Cidr::parse).toString());
    parameters.put("AmazonProvidedIpv6CidrBlock", String.valueOf(node.flag("ipv6", false)));
    tags(node, ResourceKind.VPC, parameters);
    Element vpc = call(node, "cidr", "CreateVpc", parameters);
    String id = vpc.text("vpc/vpcId");
    for (String cidr : node.texts("secondaryCidrs")) {
      call(node, "secondaryCidrs", "AssociateVpcCidrBlock", Map.of("VpcId", id, "CidrBlock", cidr));
    }
    Map<String, String> groups = new HashMap<>();
    node.list("securityGroups").forEach(group -> group(group, id, groups));
    String ipv6 =
        vpc.find("vpc/ipv6CidrBlockAssociationSet/item/ipv6CidrBlock")
            .map(Element::text)
            .orElse("");
    node.list("subnets").forEach(subnet -> subnet(subnet, id, ipv6, groups));
  }

  private void group(ConfigNode node, String vpc, Map<String, String> ids) {
    node.allow("name", "description", "tags");
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("VpcId", vpc);
    parameters.put("GroupName", node.text("name"));
    parameters.put("GroupDescription", node.optionalText("description").orElse("simulated"));
    tags(node, ResourceKind.SECURITY_GROUP, parameters);
    Element group = call(node, "name", "CreateSecurityGroup", parameters);
    ids.put(node.text("name"), group.text("groupId"));
  }

  private void subnet(ConfigNode node, String vpc, String ipv6, Map<String, String> groups) {
    node.allow("name", "cidr", "zone", "ipv6Index", "tags", "reservations", "instances");
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("VpcId", vpc);
    parameters.put("CidrBlock", node.value("cidr", Cidr::parse).toString());
    node.optionalText("zone").ifPresent(zone -> parameters.put("AvailabilityZone", zone));
    if (node.has("ipv6Index")) {
      parameters.put("Ipv6CidrBlock", ipv6Block(node, ipv6).toString());
    }
    tags(node, ResourceKind.SUBNET, parameters);
    String id = call(node, "cidr", "CreateSubnet", parameters).text("subnet/subnetId");
    for (ConfigNode reservation : node.list("reservations")) {
      reservation.allow("cidr", "type");
      call(
          reservation,
          "cidr",
          "CreateSubnetCidrReservation",
          Map.of(
              "SubnetId", id,
              "Cidr", reservation.text("cidr"),
              "ReservationType", reservation.text("type")));
    }
    node.list("instances").forEach(instance -> instance(instance, id, groups));
  }

  private static Cidr ipv6Block(ConfigNode node, String ipv6) {
    if (ipv6.isEmpty()) {
      throw node.complaint("ipv6Index", "needs a VPC with ipv6: true");
    }
    IpAddress start = Cidr.parse(ipv6).network();
    int index = node.integer("ipv6Index", 0, 0, 255);
    return new Cidr(new IpAddress(start.family(), start.high() + index, 0), 64);
  }

  private void instance(ConfigNode node, String subnet, Map<String, String> groups) {
    node.allow("name", "type", "privateIp", "securityGroups", "count", "tags");
    String count = String.valueOf(node.integer("count", 1, 1, 1000));
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("ImageId", IMAGE);
    parameters.put("InstanceType", node.text("type"));
    parameters.put("MinCount", count);
    parameters.put("MaxCount", count);
    parameters.put("SubnetId", subnet);
    node.optionalText("privateIp").ifPresent(ip -> parameters.put("PrivateIpAddress", ip));
    int number = 1;
    for (String group : node.texts("securityGroups")) {
      if (!groups.containsKey(group)) {
        throw node.complaint(
            "securityGroups", "'" + group + "' is not among the VPC's securityGroups");
      }
      parameters.put("SecurityGroupId." + number++, groups.getOrDefault(group, ""));
    }
    tags(node, ResourceKind.INSTANCE, parameters);
    call(node, "type", "RunInstances", parameters);
  }

  private static void tags(ConfigNode node, ResourceKind kind, Map<String, String> parameters) {
    Map<String, String> tags = new LinkedHashMap<>(node.map("tags"));
    node.optionalText("name").ifPresent(name -> tags.put("Name", name));
    int number = 1;
    for (Map.Entry<String, String> tag : tags.entrySet()) {
      parameters.put("TagSpecification.1.ResourceType", kind.typeName());
      parameters.put("TagSpecification.1.Tag." + number + ".Key", tag.getKey());
      parameters.put("TagSpecification.1.Tag." + number + ".Value", tag.getValue());
      number++;
    }
  }

  /**
   * @param field which field to blame if EC2 refuses
   */
  private Element call(
      ConfigNode node, String field, String action, Map<String, String> parameters) {
    return switch (world.call(action, parameters).content()) {
      case Reply.Answer answer -> Element.node(action, answer.elements());
      case Reply.Refused refused ->
          throw node.complaint(field, action + " is refused: " + refused.error());
      case Reply.Nothing _ -> throw node.complaint(field, action + " got no reply");
      case Reply.Garbage _ -> throw node.complaint(field, action + " got a garbled reply");
    };
  }
}
