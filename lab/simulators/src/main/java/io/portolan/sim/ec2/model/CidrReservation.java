package io.portolan.sim.ec2.model;

import io.portolan.common.net.Cidr;

/** A part of a subnet that EC2 does not assign single addresses from on its own. */
public record CidrReservation(
    ResourceId id, ResourceId subnet, Cidr block, Type type, String description)
    implements Resource {
  /** What the reserved range is kept for. */
  public enum Type {
    /** Prefixes are taken from it, before the rest of the subnet. */
    PREFIX,
    /** Only requests that name an address or prefix take from it. */
    EXPLICIT
  }
}
