package io.portolan.sim.ec2.model;

import io.portolan.common.net.Cidr;
import java.util.Optional;

/**
 * @param zone the availability zone's name, such as {@code eu-central-1a}
 * @param space which of the subnet's IPv4 addresses are taken
 * @param ipv6 the subnet's /64, if it has one
 */
public record Subnet(
    ResourceId id,
    ResourceId vpc,
    String zone,
    SubnetSpace space,
    Optional<CidrAssociation> ipv6,
    boolean mapPublicIpOnLaunch,
    boolean assignIpv6OnCreation)
    implements Resource {

  public Cidr ipv4() {
    return space.block();
  }

  public Subnet with(SubnetSpace changed) {
    return new Subnet(id, vpc, zone, changed, ipv6, mapPublicIpOnLaunch, assignIpv6OnCreation);
  }

  public Subnet withMapPublicIpOnLaunch(boolean changed) {
    return new Subnet(id, vpc, zone, space, ipv6, changed, assignIpv6OnCreation);
  }

  public Subnet withAssignIpv6OnCreation(boolean changed) {
    return new Subnet(id, vpc, zone, space, ipv6, mapPublicIpOnLaunch, changed);
  }
}
