package io.portolan.sim.ec2.action;

import static io.portolan.sim.ec2.action.Element.items;
import static io.portolan.sim.ec2.action.Element.leaf;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.InstanceType;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.Refusals;
import io.portolan.sim.ec2.model.ResourceKind;
import io.portolan.sim.ec2.model.Subnet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** IPv6 addresses and prefixes of existing interfaces. */
final class Ipv6Actions {
  static final Map<String, Action> ALL =
      Map.of(
          "AssignIpv6Addresses", Ipv6Actions::assign,
          "UnassignIpv6Addresses", Ipv6Actions::unassign);

  private Ipv6Actions() {}

  private static Outcome assign(Query query, Turn turn) {
    Ec2State state = turn.state();
    NetworkInterface before =
        state.networkInterface(
            query.requiredId("NetworkInterfaceId", ResourceKind.NETWORK_INTERFACE));
    List<IpAddress> named = query.addresses("Ipv6Addresses");
    int count = query.integer("Ipv6AddressCount", 1, 255).orElse(0);
    List<Cidr> namedPrefixes = query.cidrs("Ipv6Prefix");
    int prefixCount = query.integer("Ipv6PrefixCount", 1, 255).orElse(0);
    AddressActions.requireOneKind(
        !named.isEmpty(), count > 0, !namedPrefixes.isEmpty(), prefixCount > 0);
    int limit =
        AddressActions.type(turn, before)
            .map(InstanceType::ipv6PerInterface)
            .orElse(AddressActions.UNATTACHED_LIMIT);
    int more = named.size() + count + namedPrefixes.size() + prefixCount;
    if (before.addresses().ipv6Slots() + more > limit) {
      throw Refusals.addressLimit();
    }
    if (!namedPrefixes.isEmpty() || prefixCount > 0) {
      AddressActions.requirePrefixes(turn, before);
    }
    Subnet subnet = state.subnet(before.subnet());
    AddressPicker.requireIpv6Free(state, subnet, named, namedPrefixes);
    List<IpAddress> addresses =
        Stream.concat(
                named.stream(), AddressPicker.ipv6Addresses(turn, state, subnet, count).stream())
            .toList();
    List<Cidr> prefixes =
        Stream.concat(
                namedPrefixes.stream(),
                AddressPicker.ipv6Prefixes(turn, state, subnet, prefixCount).stream())
            .toList();
    return Outcome.of(
        state.with(before.with(before.addresses().addingIpv6(addresses, prefixes))),
        leaf("networkInterfaceId", before.id()),
        items("assignedIpv6Addresses", addresses),
        items("assignedIpv6PrefixSet", prefixes));
  }

  private static Outcome unassign(Query query, Turn turn) {
    NetworkInterface before =
        turn.state()
            .networkInterface(
                query.requiredId("NetworkInterfaceId", ResourceKind.NETWORK_INTERFACE));
    List<IpAddress> addresses = query.addresses("Ipv6Addresses");
    List<Cidr> prefixes = query.cidrs("Ipv6Prefix");
    if (addresses.isEmpty() && prefixes.isEmpty()) {
      throw Refusals.missing("ipv6Addresses");
    }
    if (!before.addresses().ipv6().containsAll(addresses)
        || !before.addresses().ipv6Prefixes().containsAll(prefixes)) {
      throw Refusals.invalid(
          "Some of the specified addresses are not assigned to interface " + before.id());
    }
    return Outcome.of(
        turn.state().with(before.with(before.addresses().removingIpv6(addresses, prefixes))),
        leaf("networkInterfaceId", before.id()),
        items("unassignedIpv6Addresses", addresses),
        items("unassignedIpv6PrefixSet", prefixes));
  }
}
