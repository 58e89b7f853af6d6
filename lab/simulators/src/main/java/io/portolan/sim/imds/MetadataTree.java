package io.portolan.sim.imds;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.sim.ec2.Ec2World;
import io.portolan.sim.ec2.model.Attachment;
import io.portolan.sim.ec2.model.CidrAssociation;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.Instance;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.Subnet;
import io.portolan.sim.ec2.model.Vpc;
import java.util.Collection;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * All metadata of one instance as paths and texts (EC2 user guide, "Instance metadata categories").
 *
 * <p>Lists are one item a line. What an interface has none of, such as prefixes, has no path.
 */
final class MetadataTree {
  private final SortedMap<String, String> texts = new TreeMap<>();

  private MetadataTree() {}

  static MetadataTree of(Ec2State state, Instance instance, Ec2World.Options options) {
    MetadataTree tree = new MetadataTree();
    tree.instance(state, instance, options);
    state.interfacesOf(instance.id()).stream()
        .filter(NetworkInterface::isAttached)
        .forEach(i -> tree.networkInterface(state, i, options));
    return tree;
  }

  /**
   * The text at {@code path}, or the names under it, one a line, those with names under them in
   * turn marked by a slash.
   */
  Optional<String> read(String path) {
    String text = texts.get(path);
    if (text != null) {
      return Optional.of(text);
    }
    String directory = path.isEmpty() || path.endsWith("/") ? path : path + "/";
    TreeSet<String> names = new TreeSet<>();
    for (String below : texts.tailMap(directory).keySet()) {
      if (!below.startsWith(directory)) {
        break;
      }
      String rest = below.substring(directory.length());
      int slash = rest.indexOf('/');
      names.add(slash < 0 ? rest : rest.substring(0, slash + 1));
    }
    return names.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", names));
  }

  private void instance(Ec2State state, Instance instance, Ec2World.Options options) {
    put("meta-data/ami-id", instance.image());
    put("meta-data/ami-launch-index", instance.launchIndex());
    put("meta-data/instance-id", instance.id());
    put("meta-data/instance-type", instance.type());
    put("meta-data/instance-life-cycle", "on-demand");
    put("meta-data/reservation-id", instance.reservation());
    put("meta-data/placement/availability-zone", instance.zone());
    put("meta-data/placement/availability-zone-id", options.region().zoneId(instance.zone()));
    put("meta-data/placement/region", options.region().name());
    put("meta-data/services/domain", "amazonaws.com");
    put("meta-data/services/partition", "aws");
    state
        .find(instance.primaryInterface())
        .map(NetworkInterface.class::cast)
        .ifPresent(primary -> {
          String name = options.region().dnsName(primary.primaryAddress());
          put("meta-data/mac", primary.mac());
          put("meta-data/local-ipv4", primary.primaryAddress());
          put("meta-data/hostname", name);
          put("meta-data/local-hostname", name);
          lines("meta-data/ipv6", primary.addresses().ipv6());
          lines("meta-data/security-groups", groupNames(state, primary));
          put(
              "dynamic/instance-identity/document",
              identity(instance, primary.primaryAddress(), options));
        });
  }

  private void networkInterface(Ec2State state, NetworkInterface i, Ec2World.Options options) {
    String at = "meta-data/network/interfaces/macs/" + i.mac() + "/";
    Attachment attachment = i.attachment().orElseThrow();
    Subnet subnet = state.subnet(i.subnet());
    Vpc vpc = state.vpc(i.vpc());
    put(at + "device-number", attachment.deviceIndex());
    put(at + "network-card", attachment.cardIndex());
    put(at + "interface-id", i.id());
    put(at + "mac", i.mac());
    put(at + "owner-id", options.account());
    put(at + "local-hostname", options.region().dnsName(i.primaryAddress()));
    lines(at + "local-ipv4s", i.addresses().ipv4());
    lines(at + "ipv4-prefix", i.addresses().prefixes());
    lines(at + "ipv6s", i.addresses().ipv6());
    lines(at + "ipv6-prefix", i.addresses().ipv6Prefixes());
    lines(at + "security-group-ids", i.groups());
    lines(at + "security-groups", groupNames(state, i));
    put(at + "subnet-id", subnet.id());
    put(at + "subnet-ipv4-cidr-block", subnet.ipv4());
    subnet.ipv6().ifPresent(block -> put(at + "subnet-ipv6-cidr-blocks", block.block()));
    put(at + "vpc-id", vpc.id());
    put(at + "vpc-ipv4-cidr-block", vpc.ipv4Blocks().getFirst().block());
    lines(at + "vpc-ipv4-cidr-blocks", blocks(vpc.ipv4Blocks()));
    lines(at + "vpc-ipv6-cidr-blocks", blocks(vpc.ipv6Blocks()));
  }

  private static Collection<Cidr> blocks(Collection<CidrAssociation> associations) {
    return associations.stream().map(CidrAssociation::block).toList();
  }

  private static Collection<String> groupNames(Ec2State state, NetworkInterface i) {
    return i.groups().stream().map(id -> state.group(id).name()).toList();
  }

  /** EC2 user guide, "Instance identity documents"; every value is plain and needs no escaping. */
  private static String identity(Instance instance, IpAddress address, Ec2World.Options options) {
    return """
    {
      "accountId" : "%s",
      "architecture" : "%s",
      "availabilityZone" : "%s",
      "imageId" : "%s",
      "instanceId" : "%s",
      "instanceType" : "%s",
      "pendingTime" : "%s",
      "privateIp" : "%s",
      "region" : "%s",
      "version" : "2017-09-30"
    }\
    """
        .formatted(
            options.account(),
            options.types().of(instance).architecture(),
            instance.zone(),
            instance.image(),
            instance.id(),
            instance.type(),
            instance.launched(),
            address,
            options.region().name());
  }

  private void lines(String path, Collection<?> values) {
    if (!values.isEmpty()) {
      put(path, values.stream().map(Object::toString).collect(Collectors.joining("\n")));
    }
  }

  private void put(String path, Object value) {
    texts.put(path, value.toString());
  }
}
