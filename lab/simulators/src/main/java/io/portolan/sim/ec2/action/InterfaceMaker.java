package io.portolan.sim.ec2.action;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.InterfaceAddresses;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.Refusals;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.ec2.model.ResourceKind;
import io.portolan.sim.ec2.model.SecurityGroup;
import io.portolan.sim.ec2.model.Subnet;
import io.portolan.sim.ec2.model.SubnetSpace;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Makes interfaces, for CreateNetworkInterface and RunInstances. */
final class InterfaceMaker {
  /** The state with the interface, and the interface. */
  record Made(Ec2State state, NetworkInterface made) {}

  private InterfaceMaker() {}

  static Made make(Turn turn, Ec2State state, ResourceId subnetId, InterfaceSpec asked) {
    Subnet subnet = state.subnet(subnetId);
    InterfaceSpec spec =
        subnet.assignIpv6OnCreation() && subnet.ipv6().isPresent() ? asked.withOneIpv6() : asked;
    List<ResourceId> groups = groups(state, subnet.vpc(), spec.groups());

    // What is named comes first, so that what is chosen does not collide with it.
    List<IpAddress> named =
        Stream.concat(spec.primary().stream(), spec.secondary().stream()).toList();
    SubnetSpace space = AddressPicker.takeNamed(subnet, named, spec.prefixes());
    List<Cidr> prefixes =
        AddressPicker.prefixes(turn, state, subnet.with(space), spec.prefixCount());
    space = space.taking(prefixes);
    int choose = (spec.primary().isPresent() ? 0 : 1) + spec.secondaryCount();
    List<IpAddress> chosen = AddressPicker.addresses(turn, state, subnet.with(space), choose);
    space = space.taking(chosen.stream().map(IpAddress::toCidr).toList());

    IpAddress primary = spec.primary().orElseGet(chosen::getFirst);
    List<IpAddress> secondary =
        Stream.concat(spec.secondary().stream(), chosen.stream().filter(a -> !a.equals(primary)))
            .toList();
    InterfaceAddresses addresses =
        withIpv6(
            turn,
            state,
            subnet,
            spec,
            InterfaceAddresses.of(primary)
                .adding(secondary, spec.prefixes())
                .adding(List.of(), prefixes));
    if (addresses.slots() > AddressActions.UNATTACHED_LIMIT
        || addresses.ipv6Slots() > AddressActions.UNATTACHED_LIMIT) {
      throw Refusals.addressLimit();
    }
    NetworkInterface made =
        new NetworkInterface(
            turn.newId(ResourceKind.NETWORK_INTERFACE),
            subnet.vpc(),
            subnet.id(),
            subnet.zone(),
            mac(turn),
            spec.description(),
            groups,
            true,
            addresses,
            Optional.empty());
    return new Made(state.with(subnet.with(space)).with(made), made);
  }

  /** The groups asked for, or the VPC's default group. */
  static List<ResourceId> groups(Ec2State state, ResourceId vpc, List<ResourceId> asked) {
    if (asked.isEmpty()) {
      return state.groups().stream()
          .filter(g -> g.vpc().equals(vpc) && g.isDefault())
          .map(SecurityGroup::id)
          .toList();
    }
    for (ResourceId id : asked) {
      if (!state.group(id).vpc().equals(vpc)) {
        throw Refusals.invalid(
            "You have specified two resources that belong to different networks.");
      }
    }
    return asked;
  }

  private static InterfaceAddresses withIpv6(
      Turn turn, Ec2State state, Subnet subnet, InterfaceSpec spec, InterfaceAddresses addresses) {
    if (spec.ipv6().isEmpty()
        && spec.ipv6Prefixes().isEmpty()
        && spec.ipv6Count() == 0
        && spec.ipv6PrefixCount() == 0) {
      return addresses;
    }
    AddressPicker.requireIpv6Free(state, subnet, spec.ipv6(), spec.ipv6Prefixes());
    return addresses
        .addingIpv6(spec.ipv6(), spec.ipv6Prefixes())
        .addingIpv6(
            AddressPicker.ipv6Addresses(turn, state, subnet, spec.ipv6Count()),
            AddressPicker.ipv6Prefixes(turn, state, subnet, spec.ipv6PrefixCount()));
  }

  /** Locally administered and unicast, as EC2's are. */
  private static MacAddress mac(Turn turn) {
    return new MacAddress(0x02_00_00_00_00_00L | turn.random().nextLong(1L << 40));
  }
}
