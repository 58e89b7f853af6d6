package io.portolan.sim.ec2.action;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.sim.ec2.model.CidrAssociation;
import io.portolan.sim.ec2.model.CidrReservation;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.InterfaceAddresses;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.Refusals;
import io.portolan.sim.ec2.model.Subnet;
import io.portolan.sim.ec2.model.SubnetSpace;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Chooses addresses and prefixes of a subnet for requests that name a number, and checks those that
 * a request names.
 *
 * <p>CONSTRAINTS (VPC user guide, "Subnet CIDR reservations"): a number of addresses is never
 * served from a reservation; a number of prefixes is served from prefix reservations first and
 * never from explicit ones. What a request names may lie in either.
 */
final class AddressPicker {
  private AddressPicker() {}

  /**
   * @throws io.portolan.sim.ec2.model.Ec2Refusal if the subnet cannot give all of them: EC2 assigns
   *     all or nothing
   */
  static List<IpAddress> addresses(Turn turn, Ec2State state, Subnet subnet, int count) {
    List<Cidr> reserved =
        state.reservations(subnet.id()).stream()
            .map(CidrReservation::block)
            .filter(block -> block.family() == IpFamily.IPV4)
            .toList();
    List<IpAddress> chosen =
        subnet.space().choose(count, reserved, turn.place().order(), turn.random());
    if (chosen.size() < count) {
      throw turn.conduct().exhaustion().ofAddresses();
    }
    return chosen;
  }

  static List<Cidr> prefixes(Turn turn, Ec2State state, Subnet subnet, int count) {
    List<Cidr> chosen =
        subnet
            .space()
            .choosePrefixes(
                count,
                reserved(state, subnet, CidrReservation.Type.PREFIX),
                reserved(state, subnet, CidrReservation.Type.EXPLICIT),
                turn.place().order(),
                turn.random());
    if (chosen.size() < count) {
      boolean enoughFree = subnet.space().available() >= count * SubnetSpace.PREFIX_SIZE;
      throw turn.conduct().exhaustion().ofPrefixes(enoughFree);
    }
    return chosen;
  }

  /** Refuses an address that is not the subnet's to give, without asking whether it is free. */
  static void requireAssignable(Subnet subnet, IpAddress address) {
    if (!subnet.ipv4().contains(address)) {
      throw Refusals.addressNotInSubnet(address.toString());
    }
    if (subnet.space().isReserved(address)) {
      throw Refusals.addressReserved(address.toString());
    }
  }

  /** Takes what a request names out of the space, refusing what is taken already. */
  static SubnetSpace takeNamed(Subnet subnet, List<IpAddress> addresses, List<Cidr> prefixes) {
    SubnetSpace space = subnet.space();
    for (IpAddress address : addresses) {
      requireAssignable(subnet, address);
      if (!space.isFree(address)) {
        throw Refusals.addressInUse();
      }
      space = space.taking(List.of(address.toCidr()));
    }
    for (Cidr prefix : prefixes) {
      if (prefix.prefixLength() != SubnetSpace.PREFIX_LENGTH || !subnet.ipv4().contains(prefix)) {
        throw Refusals.addressNotInSubnet(prefix.toString());
      }
      if (!space.isFree(prefix)) {
        throw Refusals.addressInUse();
      }
      space = space.taking(List.of(prefix));
    }
    return space;
  }

  static Cidr ipv6Block(Subnet subnet) {
    return subnet
        .ipv6()
        .map(CidrAssociation::block)
        .orElseThrow(() ->
            Refusals.invalid("The subnet '" + subnet.id() + "' does not have an IPv6 CIDR block"));
  }

  static List<IpAddress> ipv6Addresses(Turn turn, Ec2State state, Subnet subnet, int count) {
    Cidr block = ipv6Block(subnet);
    List<InterfaceAddresses> taken = takenIn(state, subnet);
    Set<IpAddress> chosen = new HashSet<>();
    List<IpAddress> inOrder = new ArrayList<>();
    while (inOrder.size() < count) {
      IpAddress candidate =
          new IpAddress(IpFamily.IPV6, block.network().high(), turn.random().nextLong());
      if (taken.stream().noneMatch(a -> a.own(candidate)) && chosen.add(candidate)) {
        inOrder.add(candidate);
      }
    }
    return inOrder;
  }

  static List<Cidr> ipv6Prefixes(Turn turn, Ec2State state, Subnet subnet, int count) {
    Cidr block = ipv6Block(subnet);
    List<Cidr> taken = takenIn(state, subnet).stream().flatMap(AddressPicker::ipv6Blocks).toList();
    List<Cidr> chosen = new ArrayList<>();
    while (chosen.size() < count) {
      Cidr candidate =
          Cidr.containing(
              new IpAddress(IpFamily.IPV6, block.network().high(), turn.random().nextLong()),
              InterfaceAddresses.IPV6_PREFIX_LENGTH);
      if (Stream.concat(taken.stream(), chosen.stream()).noneMatch(candidate::overlaps)) {
        chosen.add(candidate);
      }
    }
    return chosen;
  }

  /** Refuses IPv6 addresses and prefixes that are outside the subnet or taken. */
  static void requireIpv6Free(
      Ec2State state, Subnet subnet, List<IpAddress> addresses, List<Cidr> prefixes) {
    Cidr block = ipv6Block(subnet);
    List<Cidr> taken = takenIn(state, subnet).stream().flatMap(AddressPicker::ipv6Blocks).toList();
    Stream.concat(addresses.stream().map(IpAddress::toCidr), prefixes.stream())
        .forEach(wanted -> {
          if (!block.contains(wanted)) {
            throw Refusals.addressNotInSubnet(wanted.toString());
          }
          if (taken.stream().anyMatch(wanted::overlaps)) {
            throw Refusals.addressInUse();
          }
        });
  }

  private static Stream<Cidr> ipv6Blocks(InterfaceAddresses addresses) {
    return Stream.concat(
        addresses.ipv6().stream().map(IpAddress::toCidr), addresses.ipv6Prefixes().stream());
  }

  private static List<InterfaceAddresses> takenIn(Ec2State state, Subnet subnet) {
    return state.interfaces().stream()
        .filter(i -> i.subnet().equals(subnet.id()))
        .map(NetworkInterface::addresses)
        .toList();
  }

  private static List<Cidr> reserved(Ec2State state, Subnet subnet, CidrReservation.Type type) {
    return state.reservations(subnet.id()).stream()
        .filter(r -> r.type() == type && r.block().family() == IpFamily.IPV4)
        .map(CidrReservation::block)
        .toList();
  }
}
