package io.portolan.sim.ec2.action;

import io.portolan.sim.ec2.model.Ec2Error;
import io.portolan.sim.ec2.model.Ec2Refusal;
import java.util.Arrays;
import java.util.Locale;

/** Which of its several spellings EC2 uses for a subnet that cannot give what is asked. */
public enum Exhaustion {
  /**
   * As AWS support explained it (cilium/cilium#31016): InvalidParameterValue if prefixes need more
   * addresses than are free, InsufficientCidrBlocks if enough are free but not in whole prefixes,
   * InsufficientFreeAddressesInSubnet for single addresses.
   */
  BY_CAUSE,
  /** InsufficientCidrBlocks for prefixes, InsufficientFreeAddressesInSubnet for addresses. */
  INSUFFICIENT,
  /** InvalidParameterValue for everything (amazon-vpc-cni-k8s#3105). */
  INVALID_PARAMETER;

  /**
   * @throws IllegalArgumentException listing the spellings
   */
  public static Exhaustion parse(String text) {
    return Arrays.stream(values())
        .filter(e -> e.text().equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "'" + text + "' is none of by-cause, insufficient, invalid-parameter"));
  }

  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  Ec2Refusal ofAddresses() {
    return this == INVALID_PARAMETER ? invalidParameter() : insufficientAddresses();
  }

  Ec2Refusal ofPrefixes(boolean enoughFree) {
    return switch (this) {
      case BY_CAUSE -> enoughFree ? insufficientBlocks() : invalidParameter();
      case INSUFFICIENT -> insufficientBlocks();
      case INVALID_PARAMETER -> invalidParameter();
    };
  }

  private static Ec2Refusal insufficientAddresses() {
    return new Ec2Error(
            "InsufficientFreeAddressesInSubnet",
            "The specified subnet does not have enough free addresses to satisfy the request.")
        .refusal();
  }

  private static Ec2Refusal insufficientBlocks() {
    return new Ec2Error(
            "InsufficientCidrBlocks",
            "The specified subnet does not have enough free cidr blocks to satisfy the request.")
        .refusal();
  }

  private static Ec2Refusal invalidParameter() {
    return new Ec2Error(
            "InvalidParameterValue", "There aren't sufficient free Ipv4 addresses or prefixes")
        .refusal();
  }
}
