package io.portolan.sim.ec2.action;

import static io.portolan.sim.ec2.action.Element.leaf;
import static io.portolan.sim.ec2.action.Element.node;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.InstanceType;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.Refusals;
import io.portolan.sim.ec2.model.ResourceKind;
import io.portolan.sim.ec2.model.Subnet;
import io.portolan.sim.ec2.model.SubnetSpace;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Secondary IPv4 addresses and prefixes of existing interfaces. */
final class AddressActions {
  static final Map<String, Action> ALL =
      Map.of(
          "AssignPrivateIpAddresses", AddressActions::assign,
          "UnassignPrivateIpAddresses", AddressActions::unassign);

  /**
   * Slots of an interface that no instance type limits yet: as many as the largest type has. AWS
   * documents no number.
   */
  static final int UNATTACHED_LIMIT = 50;

  private AddressActions() {}

  private static Outcome assign(Query query, Turn turn) {
    NetworkInterface before =
        turn.state()
            .networkInterface(
                query.requiredId("NetworkInterfaceId", ResourceKind.NETWORK_INTERFACE));
    List<IpAddress> named = query.addresses("PrivateIpAddress");
    int count = query.integer("SecondaryPrivateIpAddressCount", 1, 255).orElse(0);
    List<Cidr> namedPrefixes = query.cidrs("Ipv4Prefix");
    int prefixCount = query.integer("Ipv4PrefixCount", 1, 255).orElse(0);
    boolean reassign = query.flag("AllowReassignment");
    requireOneKind(!named.isEmpty(), count > 0, !namedPrefixes.isEmpty(), prefixCount > 0);

    requireRoom(turn, before, named.size() + count + namedPrefixes.size() + prefixCount);
    if (!namedPrefixes.isEmpty() || prefixCount > 0) {
      requirePrefixes(turn, before);
    }
    Ec2State state = reassign ? takeFromOthers(turn.state(), before, named) : turn.state();
    Subnet subnet = state.subnet(before.subnet());
    SubnetSpace space = AddressPicker.takeNamed(subnet, named, namedPrefixes);
    List<IpAddress> addresses =
        Stream.concat(
                named.stream(),
                AddressPicker.addresses(turn, state, subnet.with(space), count).stream())
            .toList();
    List<Cidr> prefixes =
        Stream.concat(
                namedPrefixes.stream(),
                AddressPicker.prefixes(turn, state, subnet.with(space), prefixCount).stream())
            .toList();
    NetworkInterface after = before.with(before.addresses().adding(addresses, prefixes));
    SubnetSpace taken =
        subnet
            .space()
            .taking(
                Stream.concat(addresses.stream().map(IpAddress::toCidr), prefixes.stream())
                    .toList());
    return Outcome.of(
        state.with(subnet.with(taken)).with(after),
        leaf("networkInterfaceId", before.id()),
        node(
            "assignedPrivateIpAddressesSet",
            addresses.stream().map(a -> node("item", leaf("privateIpAddress", a))).toList()),
        node(
            "assignedIpv4PrefixSet",
            prefixes.stream().map(p -> node("item", leaf("ipv4Prefix", p))).toList()),
        leaf("return", true));
  }

  /** API reference: a request names addresses or their number, or prefixes or their number. */
  static void requireOneKind(boolean... asked) {
    int kinds = 0;
    for (boolean kind : asked) {
      kinds += kind ? 1 : 0;
    }
    if (kinds != 1) {
      throw Refusals.combination(
          "Exactly one of addresses, an address count, prefixes and a prefix count must be"
              + " specified");
    }
  }

  static Optional<InstanceType> type(Turn turn, NetworkInterface networkInterface) {
    return networkInterface
        .attachment()
        .map(a -> turn.place().types().of(turn.state().instance(a.instance())));
  }

  static void requirePrefixes(Turn turn, NetworkInterface networkInterface) {
    type(turn, networkInterface)
        .filter(t -> !t.takesPrefixes())
        .ifPresent(t -> {
          throw Refusals.prefixesUnsupported(t);
        });
  }

  private static void requireRoom(Turn turn, NetworkInterface networkInterface, int more) {
    int limit =
        type(turn, networkInterface).map(InstanceType::ipv4PerInterface).orElse(UNATTACHED_LIMIT);
    if (networkInterface.addresses().slots() + more > limit) {
      throw Refusals.addressLimit();
    }
  }

  /** With AllowReassignment a secondary address moves; a primary address never does. */
  private static Ec2State takeFromOthers(
      Ec2State state, NetworkInterface taker, List<IpAddress> addresses) {
    Ec2State after = state;
    for (IpAddress address : addresses) {
      Subnet subnet = after.subnet(taker.subnet());
      AddressPicker.requireAssignable(subnet, address);
      Optional<NetworkInterface> owner = after.owner(taker.vpc(), address);
      if (owner.isPresent()) {
        if (!owner.get().addresses().secondary().contains(address)
            || owner.get().id().equals(taker.id())) {
          throw Refusals.addressInUse();
        }
        after =
            after
                .with(
                    owner.get().with(owner.get().addresses().removing(List.of(address), List.of())))
                .with(subnet.with(subnet.space().releasing(List.of(address.toCidr()))));
      }
    }
    return after;
  }

  private static Outcome unassign(Query query, Turn turn) {
    NetworkInterface before =
        turn.state()
            .networkInterface(
                query.requiredId("NetworkInterfaceId", ResourceKind.NETWORK_INTERFACE));
    List<IpAddress> addresses = query.addresses("PrivateIpAddress");
    List<Cidr> prefixes = query.cidrs("Ipv4Prefix");
    if (addresses.isEmpty() && prefixes.isEmpty()) {
      throw Refusals.missing("privateIpAddress");
    }
    if (addresses.contains(before.primaryAddress())) {
      throw Refusals.invalid(
          "The primary IP address " + before.primaryAddress() + " cannot be unassigned");
    }
    if (!before.addresses().secondary().containsAll(addresses)
        || !before.addresses().prefixes().containsAll(prefixes)) {
      throw Refusals.invalid(
          "Some of the specified addresses are not assigned to interface " + before.id());
    }
    Subnet subnet = turn.state().subnet(before.subnet());
    List<Cidr> released =
        Stream.concat(addresses.stream().map(IpAddress::toCidr), prefixes.stream()).toList();
    return Outcome.done(
        turn.state()
            .with(subnet.with(subnet.space().releasing(released)))
            .with(before.with(before.addresses().removing(addresses, prefixes))));
  }
}
