package io.portolan.sim.ec2.model;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * What an interface is addressed by.
 *
 * @param primary the IPv4 address it keeps all its life
 * @param secondary further IPv4 addresses, in order of assignment
 * @param prefixes IPv4 blocks of /28
 * @param ipv6 IPv6 addresses
 * @param ipv6Prefixes IPv6 blocks of /80
 */
public record InterfaceAddresses(
    IpAddress primary,
    List<IpAddress> secondary,
    List<Cidr> prefixes,
    List<IpAddress> ipv6,
    List<Cidr> ipv6Prefixes) {

  /** Length of an IPv6 prefix. */
  public static final int IPV6_PREFIX_LENGTH = 80;

  public InterfaceAddresses {
    secondary = List.copyOf(secondary);
    prefixes = List.copyOf(prefixes);
    ipv6 = List.copyOf(ipv6);
    ipv6Prefixes = List.copyOf(ipv6Prefixes);
  }

  public static InterfaceAddresses of(IpAddress primary) {
    return new InterfaceAddresses(primary, List.of(), List.of(), List.of(), List.of());
  }

  /** How many of the instance type's IPv4 slots are used. */
  public int slots() {
    return 1 + secondary.size() + prefixes.size();
  }

  /** How many of the instance type's IPv6 slots are used. */
  public int ipv6Slots() {
    return ipv6.size() + ipv6Prefixes.size();
  }

  /** The primary address, then the secondary ones. */
  public List<IpAddress> ipv4() {
    return Stream.concat(Stream.of(primary), secondary.stream()).toList();
  }

  /** Everything taken from the subnet's IPv4 space, as blocks. */
  public List<Cidr> ipv4Blocks() {
    return Stream.concat(ipv4().stream().map(IpAddress::toCidr), prefixes.stream()).toList();
  }

  /** Whether packets to {@code address} belong to this interface. */
  public boolean own(IpAddress address) {
    return address.equals(primary)
        || secondary.contains(address)
        || ipv6.contains(address)
        || prefixes.stream().anyMatch(p -> p.contains(address))
        || ipv6Prefixes.stream().anyMatch(p -> p.contains(address));
  }

  public InterfaceAddresses adding(Collection<IpAddress> addresses, Collection<Cidr> blocks) {
    return new InterfaceAddresses(
        primary, plus(secondary, addresses), plus(prefixes, blocks), ipv6, ipv6Prefixes);
  }

  public InterfaceAddresses removing(Collection<IpAddress> addresses, Collection<Cidr> blocks) {
    return new InterfaceAddresses(
        primary, minus(secondary, addresses), minus(prefixes, blocks), ipv6, ipv6Prefixes);
  }

  public InterfaceAddresses addingIpv6(Collection<IpAddress> addresses, Collection<Cidr> blocks) {
    return new InterfaceAddresses(
        primary, secondary, prefixes, plus(ipv6, addresses), plus(ipv6Prefixes, blocks));
  }

  public InterfaceAddresses removingIpv6(Collection<IpAddress> addresses, Collection<Cidr> blocks) {
    return new InterfaceAddresses(
        primary, secondary, prefixes, minus(ipv6, addresses), minus(ipv6Prefixes, blocks));
  }

  private static <T> List<T> plus(List<T> all, Collection<T> added) {
    return Stream.concat(all.stream(), added.stream()).toList();
  }

  private static <T> List<T> minus(List<T> all, Collection<T> removed) {
    List<T> rest = new ArrayList<>(all);
    rest.removeAll(removed);
    return rest;
  }
}
