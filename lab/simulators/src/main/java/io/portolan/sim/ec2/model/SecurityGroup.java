package io.portolan.sim.ec2.model;

/** A security group; its rules are not modelled. */
public record SecurityGroup(ResourceId id, ResourceId vpc, String name, String description)
    implements Resource {
  /** Every VPC has one of this name from its creation; it goes only with the VPC. */
  public static final String DEFAULT = "default";

  public boolean isDefault() {
    return name.equals(DEFAULT);
  }
}
