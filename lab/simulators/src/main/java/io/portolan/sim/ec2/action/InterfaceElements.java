package io.portolan.sim.ec2.action;

import static io.portolan.sim.ec2.action.Element.leaf;
import static io.portolan.sim.ec2.action.Element.node;
import static io.portolan.sim.ec2.action.Element.optional;

import io.portolan.common.net.IpAddress;
import io.portolan.sim.ec2.model.Attachment;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.NetworkInterface;
import java.util.List;
import java.util.Optional;

/** How answers show interfaces, on their own and as part of an instance. */
final class InterfaceElements {
  private InterfaceElements() {}

  static Element whole(String name, Turn turn, Ec2State state, NetworkInterface i) {
    return node(
        name,
        leaf("networkInterfaceId", i.id()),
        leaf("subnetId", i.subnet()),
        leaf("vpcId", i.vpc()),
        leaf("availabilityZone", i.zone()),
        leaf("availabilityZoneId", turn.place().region().zoneId(i.zone())),
        leaf("description", i.description()),
        leaf("ownerId", turn.place().account()),
        leaf("requesterManaged", false),
        leaf("status", i.status()),
        leaf("macAddress", i.mac()),
        leaf("privateIpAddress", i.primaryAddress()),
        leaf("privateDnsName", turn.place().region().dnsName(i.primaryAddress())),
        leaf("sourceDestCheck", i.sourceDestCheck()),
        leaf("interfaceType", "interface"),
        NetworkElements.groupSet(state, i.groups()),
        optional(i.attachment().map(a -> attachment(turn, a))),
        addresses(turn, i),
        prefixes(i),
        ipv6Addresses(i),
        ipv6Prefixes(i),
        Tagging.element(state, i.id()));
  }

  /** The shorter form inside an instance. */
  static Element ofInstance(Turn turn, Ec2State state, NetworkInterface i) {
    return node(
        "item",
        leaf("networkInterfaceId", i.id()),
        leaf("subnetId", i.subnet()),
        leaf("vpcId", i.vpc()),
        leaf("description", i.description()),
        leaf("ownerId", turn.place().account()),
        leaf("status", i.status()),
        leaf("macAddress", i.mac()),
        leaf("privateIpAddress", i.primaryAddress()),
        leaf("privateDnsName", turn.place().region().dnsName(i.primaryAddress())),
        leaf("sourceDestCheck", i.sourceDestCheck()),
        leaf("interfaceType", "interface"),
        NetworkElements.groupSet(state, i.groups()),
        optional(
            i.attachment()
                .map(a ->
                    node(
                        "attachment",
                        leaf("attachmentId", a.id()),
                        leaf("deviceIndex", a.deviceIndex()),
                        leaf("networkCardIndex", a.cardIndex()),
                        leaf("status", a.phase().text()),
                        leaf("attachTime", a.since()),
                        leaf("deleteOnTermination", a.deleteOnTermination())))),
        addresses(turn, i),
        prefixes(i),
        ipv6Addresses(i),
        ipv6Prefixes(i));
  }

  private static Element attachment(Turn turn, Attachment a) {
    return node(
        "attachment",
        leaf("attachmentId", a.id()),
        leaf("instanceId", a.instance()),
        leaf("instanceOwnerId", turn.place().account()),
        leaf("deviceIndex", a.deviceIndex()),
        leaf("networkCardIndex", a.cardIndex()),
        leaf("status", a.phase().text()),
        leaf("attachTime", a.since()),
        leaf("deleteOnTermination", a.deleteOnTermination()));
  }

  private static Element addresses(Turn turn, NetworkInterface i) {
    List<IpAddress> all = i.addresses().ipv4();
    return node(
        "privateIpAddressesSet",
        all.stream()
            .map(address ->
                node(
                    "item",
                    leaf("privateIpAddress", address),
                    leaf("privateDnsName", turn.place().region().dnsName(address)),
                    leaf("primary", address.equals(i.primaryAddress()))))
            .toList());
  }

  private static Element prefixes(NetworkInterface i) {
    return present(
        "ipv4PrefixSet",
        i.addresses().prefixes().stream().map(p -> node("item", leaf("ipv4Prefix", p))).toList());
  }

  private static Element ipv6Addresses(NetworkInterface i) {
    return node(
        "ipv6AddressesSet",
        i.addresses().ipv6().stream().map(a -> node("item", leaf("ipv6Address", a))).toList());
  }

  private static Element ipv6Prefixes(NetworkInterface i) {
    return present(
        "ipv6PrefixSet",
        i.addresses().ipv6Prefixes().stream()
            .map(p -> node("item", leaf("ipv6Prefix", p)))
            .toList());
  }

  /** EC2 leaves out the prefix lists of interfaces without prefixes. */
  private static Element present(String name, List<Element> items) {
    return optional(items.isEmpty() ? Optional.empty() : Optional.of(node(name, items)));
  }
}
