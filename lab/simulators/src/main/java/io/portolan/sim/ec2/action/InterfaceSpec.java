package io.portolan.sim.ec2.action;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.sim.ec2.model.Refusals;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.ec2.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a request says about an interface to be made: the same parameters in CreateNetworkInterface
 * and in an item of RunInstances' NetworkInterface list.
 *
 * @param primary the wish for a primary address
 */
record InterfaceSpec(
    String description,
    List<ResourceId> groups,
    Optional<IpAddress> primary,
    List<IpAddress> secondary,
    int secondaryCount,
    List<Cidr> prefixes,
    int prefixCount,
    List<IpAddress> ipv6,
    int ipv6Count,
    List<Cidr> ipv6Prefixes,
    int ipv6PrefixCount) {
  /** No request names more than the largest instance type holds. */
  private static final int MOST = 255;

  static InterfaceSpec read(Query query) {
    Optional<IpAddress> primary = query.address("PrivateIpAddress");
    List<IpAddress> secondary = new ArrayList<>();
    for (Query item : query.structs("PrivateIpAddresses")) {
      IpAddress address =
          item.address("PrivateIpAddress").orElseThrow(() -> Refusals.missing("PrivateIpAddress"));
      if (!item.flag("Primary")) {
        secondary.add(address);
      } else if (primary.isEmpty()) {
        primary = Optional.of(address);
      } else {
        throw Refusals.combination("Only one primary private IP address may be specified");
      }
    }
    int secondaryCount = query.integer("SecondaryPrivateIpAddressCount", 0, MOST).orElse(0);
    if (secondaryCount > 0 && !secondary.isEmpty()) {
      throw Refusals.combination(
          "The parameters secondaryPrivateIpAddressCount and privateIpAddresses may not be"
              + " specified together");
    }
    query.accept(
        "InterfaceType",
        "ConnectionTrackingSpecification",
        "EnaSrdSpecification",
        "EnaQueueCount",
        "Operator",
        "EnablePrimaryIpv6",
        "PrimaryIpv6");
    return new InterfaceSpec(
        query.text("Description").orElse(""),
        query.ids("SecurityGroupId", ResourceKind.SECURITY_GROUP),
        primary,
        secondary,
        secondaryCount,
        blocks(query, "Ipv4Prefix"),
        query.integer("Ipv4PrefixCount", 0, MOST).orElse(0),
        query.structs("Ipv6Addresses").stream()
            .flatMap(item -> item.address("Ipv6Address").stream())
            .toList(),
        query.integer("Ipv6AddressCount", 0, MOST).orElse(0),
        blocks(query, "Ipv6Prefix"),
        query.integer("Ipv6PrefixCount", 0, MOST).orElse(0));
  }

  /** An interface of one address and nothing else. */
  static InterfaceSpec plain(Optional<IpAddress> primary, List<ResourceId> groups) {
    return new InterfaceSpec(
        "", groups, primary, List.of(), 0, List.of(), 0, List.of(), 0, List.of(), 0);
  }

  /** The same wish for IPv6, if nothing was said about it. */
  InterfaceSpec withOneIpv6() {
    boolean silent =
        ipv6.isEmpty() && ipv6Count == 0 && ipv6Prefixes.isEmpty() && ipv6PrefixCount == 0;
    return silent
        ? new InterfaceSpec(
            description,
            groups,
            primary,
            secondary,
            secondaryCount,
            prefixes,
            prefixCount,
            ipv6,
            1,
            ipv6Prefixes,
            0)
        : this;
  }

  /** The items of {@code Ipv4Prefix.N.Ipv4Prefix}. */
  private static List<Cidr> blocks(Query query, String name) {
    return query.structs(name).stream().flatMap(item -> item.cidr(name).stream()).toList();
  }
}
