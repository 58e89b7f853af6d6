package io.portolan.sim.ec2.model;

/** Anything that exists by its own id. */
public sealed interface Resource
    permits Vpc, Subnet, SecurityGroup, RouteTable, CidrReservation, Instance, NetworkInterface {
  ResourceId id();
}
