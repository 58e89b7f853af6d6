package io.portolan.sim.ec2.model;

import io.portolan.common.net.Cidr;

/**
 * The errors of the modelled operations, in EC2's words where a public log or the documentation
 * shows them; {@code docs/simulators/ec2.md} cites the source of each.
 */
public final class Refusals {
  private Refusals() {}

  public static Ec2Refusal notFound(ResourceId id) {
    return switch (id.kind()) {
      case ATTACHMENT ->
          new Ec2Error(
                  "InvalidAttachmentID.NotFound",
                  "The attachment with ID '" + id + "' does not exist.")
              .refusal();
      default ->
          new Ec2Error(
                  id.kind().errorPrefix() + ".NotFound",
                  "The " + id.kind().noun() + " '" + id + "' does not exist")
              .refusal();
    };
  }

  public static Ec2Refusal malformedId(ResourceKind kind, String text) {
    return new Ec2Error(
            kind.errorPrefix() + ".Malformed",
            "Invalid id: \"" + text + "\" (expecting \"" + kind.prefix() + "-...\")")
        .refusal();
  }

  public static Ec2Refusal missing(String parameter) {
    return new Ec2Error("MissingParameter", "The request must contain the parameter " + parameter)
        .refusal();
  }

  public static Ec2Refusal invalid(String message) {
    return new Ec2Error("InvalidParameterValue", message).refusal();
  }

  public static Ec2Refusal invalid(String parameter, String value, String why) {
    return invalid("Value (" + value + ") for parameter " + parameter + " is invalid. " + why);
  }

  public static Ec2Refusal combination(String message) {
    return new Ec2Error("InvalidParameterCombination", message).refusal();
  }

  public static Ec2Refusal dependency(String what) {
    return new Ec2Error("DependencyViolation", what).refusal();
  }

  public static Ec2Refusal incorrectState(String message) {
    return new Ec2Error("IncorrectState", message).refusal();
  }

  public static Ec2Refusal interfaceInUse(ResourceId id) {
    return new Ec2Error("InvalidNetworkInterface.InUse", "Interface: [" + id + "] in use.")
        .refusal();
  }

  public static Ec2Refusal addressInUse() {
    return new Ec2Error("InvalidIPAddress.InUse", "The specified address is already in use.")
        .refusal();
  }

  public static Ec2Refusal addressNotInSubnet(String address) {
    return invalid("invalid value for parameter address: " + address);
  }

  public static Ec2Refusal addressReserved(String address) {
    return invalid("Address " + address + " is in subnet's reserved address range");
  }

  public static Ec2Refusal addressLimit() {
    return new Ec2Error(
            "PrivateIpAddressLimitExceeded", "Number of private addresses will exceed limit.")
        .refusal();
  }

  public static Ec2Refusal interfaceAddressLimit(ResourceId id, InstanceType type) {
    return new Ec2Error(
            "InvalidInterface.IpAddressLimitExceeded",
            "Number of IP addresses on interface [" + id + "] exceeds the limit for " + type.name())
        .refusal();
  }

  public static Ec2Refusal attachmentLimit(int count, InstanceType type) {
    return new Ec2Error(
            "AttachmentLimitExceeded",
            "Interface count " + count + " exceeds the limit for " + type.name())
        .refusal();
  }

  public static Ec2Refusal deviceIndexInUse(ResourceId instance, int index) {
    return invalid(
        "Instance '"
            + instance
            + "' already has an interface attached at device index '"
            + index
            + "'.");
  }

  public static Ec2Refusal prefixesUnsupported(InstanceType type) {
    return new Ec2Error(
            "UnsupportedOperation",
            "The instance type " + type.name() + " does not support IPv4 or IPv6 prefixes")
        .refusal();
  }

  public static Ec2Refusal notPermitted(String message) {
    return new Ec2Error("OperationNotPermitted", message).refusal();
  }

  public static Ec2Refusal cidrReservationConflict(Cidr block) {
    return invalid("The CIDR '" + block + "' overlaps an existing reservation of the subnet");
  }
}
