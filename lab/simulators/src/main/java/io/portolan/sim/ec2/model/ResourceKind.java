package io.portolan.sim.ec2.model;

/** The kinds of thing EC2 gives an id to. The order is the order in which a world lists them. */
public enum ResourceKind {
  VPC("vpc", "vpc", "InvalidVpcID", "vpc ID"),
  SUBNET("subnet", "subnet", "InvalidSubnetID", "subnet ID"),
  SECURITY_GROUP("sg", "security-group", "InvalidGroup", "security group"),
  ROUTE_TABLE("rtb", "route-table", "InvalidRouteTableID", "routeTable ID"),
  SUBNET_CIDR_RESERVATION(
      "scr", "subnet-cidr-reservation", "InvalidSubnetCidrReservationID", "reservation ID"),
  INSTANCE("i", "instance", "InvalidInstanceID", "instance ID"),
  NETWORK_INTERFACE("eni", "network-interface", "InvalidNetworkInterfaceID", "networkInterface ID"),
  ATTACHMENT("eni-attach", "attachment", "InvalidAttachmentID", "attachment with ID"),
  RESERVATION("r", "reservation", "InvalidReservationID", "reservation ID"),
  ASSOCIATION("assoc", "association", "InvalidAssociationID", "association ID");

  private final String prefix;
  private final String typeName;
  private final String errorPrefix;
  private final String noun;

  ResourceKind(String prefix, String typeName, String errorPrefix, String noun) {
    this.prefix = prefix;
    this.typeName = typeName;
    this.errorPrefix = errorPrefix;
    this.noun = noun;
  }

  /** What ids of this kind begin with. */
  public String prefix() {
    return prefix;
  }

  /** As in TagSpecification's ResourceType. */
  public String typeName() {
    return typeName;
  }

  /**
   * What error codes about ids of this kind begin with: {@code InvalidVpcID} of {@code .NotFound}.
   */
  String errorPrefix() {
    return errorPrefix;
  }

  /** How EC2's messages call it: "The {@code vpc ID} 'vpc-1' does not exist". */
  String noun() {
    return noun;
  }
}
