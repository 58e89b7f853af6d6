package io.portolan.sim.ec2.model;

import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;
import java.util.List;
import java.util.Optional;

/**
 * An elastic network interface (ENI).
 *
 * @param sourceDestCheck whether the VPC drops packets that are neither from nor to one of the
 *     interface's own addresses
 */
public record NetworkInterface(
    ResourceId id,
    ResourceId vpc,
    ResourceId subnet,
    String zone,
    MacAddress mac,
    String description,
    List<ResourceId> groups,
    boolean sourceDestCheck,
    InterfaceAddresses addresses,
    Optional<Attachment> attachment)
    implements Resource {
  public NetworkInterface {
    groups = List.copyOf(groups);
  }

  /** Whether packets flow: attached, and no longer attaching nor yet detaching. */
  public boolean isAttached() {
    return attachment.filter(a -> a.phase() == Attachment.Phase.ATTACHED).isPresent();
  }

  /** Whether it is in any phase of belonging to the instance. */
  public boolean belongsTo(ResourceId instance) {
    return attachment.filter(a -> a.instance().equals(instance)).isPresent();
  }

  /** EC2's Status. */
  public String status() {
    return attachment.isPresent() ? "in-use" : "available";
  }

  public IpAddress primaryAddress() {
    return addresses.primary();
  }

  public NetworkInterface with(InterfaceAddresses changed) {
    return new NetworkInterface(
        id, vpc, subnet, zone, mac, description, groups, sourceDestCheck, changed, attachment);
  }

  public NetworkInterface with(Optional<Attachment> changed) {
    return new NetworkInterface(
        id, vpc, subnet, zone, mac, description, groups, sourceDestCheck, addresses, changed);
  }

  public NetworkInterface withSourceDestCheck(boolean changed) {
    return new NetworkInterface(
        id, vpc, subnet, zone, mac, description, groups, changed, addresses, attachment);
  }

  public NetworkInterface withDescription(String changed) {
    return new NetworkInterface(
        id, vpc, subnet, zone, mac, changed, groups, sourceDestCheck, addresses, attachment);
  }

  public NetworkInterface withGroups(List<ResourceId> changed) {
    return new NetworkInterface(
        id, vpc, subnet, zone, mac, description, changed, sourceDestCheck, addresses, attachment);
  }
}
