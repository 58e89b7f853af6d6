package io.portolan.sim.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.sim.ec2.action.Exhaustion;
import io.portolan.sim.ec2.model.AddressOrder;
import org.junit.jupiter.api.Test;

class ExhaustionTest {
  private static final String ADDRESSES =
      "InsufficientFreeAddressesInSubnet: The specified subnet does not have enough free addresses"
          + " to satisfy the request.";
  private static final String BLOCKS =
      "InsufficientCidrBlocks: The specified subnet does not have enough free cidr blocks to"
          + " satisfy the request.";
  private static final String EITHER =
      "InvalidParameterValue: There aren't sufficient free Ipv4 addresses or prefixes";

  @Test
  void aSubnetGivesExactlyItsUsableAddresses() {
    SimulatedVpc aws = new SimulatedVpc("10.0.0.0/28");
    for (int i = 0; i < 11; i++) {
      aws.eni();
    }
    assertThat(aws.available()).isZero();
    assertThat(aws.refusal("CreateNetworkInterface", "SubnetId", aws.subnet)).isEqualTo(ADDRESSES);
  }

  @Test
  void aRequestForMoreThanThereIsGetsNothing() {
    SimulatedVpc aws = new SimulatedVpc("10.0.0.0/28");
    String eni = aws.eni();
    assertThat(
            aws.refusal(
                "AssignPrivateIpAddresses",
                "NetworkInterfaceId",
                eni,
                "SecondaryPrivateIpAddressCount",
                "11"))
        .isEqualTo(ADDRESSES);
    assertThat(aws.available()).isEqualTo(10);
  }

  @Test
  void aFragmentedSubnetHasAddressesButNoPrefix() {
    SimulatedVpc aws = new SimulatedVpc("10.0.0.0/26");
    // One address in each of the two /28s that neither hold the first four nor the last address.
    aws.eni("PrivateIpAddress", "10.0.0.20");
    String eni = aws.eni("PrivateIpAddress", "10.0.0.40");
    assertThat(aws.available()).isEqualTo(57);
    assertThat(
            aws.refusal(
                "AssignPrivateIpAddresses", "NetworkInterfaceId", eni, "Ipv4PrefixCount", "1"))
        .isEqualTo(BLOCKS);
    aws.world.run(
        "AssignPrivateIpAddresses",
        "NetworkInterfaceId",
        eni,
        "SecondaryPrivateIpAddressCount",
        "1");
  }

  @Test
  void aShortageOfAddressesIsNotAShortageOfBlocks() {
    SimulatedVpc aws = new SimulatedVpc("10.0.0.0/28");
    assertThat(
            aws.refusal("CreateNetworkInterface", "SubnetId", aws.subnet, "Ipv4PrefixCount", "1"))
        .isEqualTo(EITHER);
  }

  @Test
  void theSpellingIsSelectable() {
    SimulatedVpc aws = new SimulatedVpc("10.0.0.0/28");
    aws.world.behave(Ec2Behavior.PROMPT.withExhaustion(Exhaustion.INSUFFICIENT));
    assertThat(
            aws.refusal("CreateNetworkInterface", "SubnetId", aws.subnet, "Ipv4PrefixCount", "1"))
        .isEqualTo(BLOCKS);
    aws.world.behave(Ec2Behavior.PROMPT.withExhaustion(Exhaustion.INVALID_PARAMETER));
    assertThat(
            aws.refusal(
                "CreateNetworkInterface",
                "SubnetId",
                aws.subnet,
                "SecondaryPrivateIpAddressCount",
                "11"))
        .isEqualTo(EITHER);
  }

  @Test
  void prefixesComeFromTheirReservationAndAddressesDoNot() {
    SimulatedVpc aws = new SimulatedVpc("10.0.0.0/26");
    reserve(aws, "10.0.0.32/28", "prefix");
    reserve(aws, "10.0.0.16/28", "explicit");
    String eni = aws.eni("Ipv4PrefixCount", "1", "SecondaryPrivateIpAddressCount", "12");
    assertThat(aws.look(eni).addresses().prefixes())
        .extracting(Object::toString)
        .containsExactly("10.0.0.32/28");
    assertThat(aws.addresses(eni))
        .as("after 10.0.0.15 comes what lies behind both reservations")
        .containsSequence("10.0.0.15", "10.0.0.48");
    assertThat(
            aws.refusal("CreateNetworkInterface", "SubnetId", aws.subnet, "Ipv4PrefixCount", "1"))
        .as("the explicit reservation is free and not for taking")
        .isEqualTo(BLOCKS);
    aws.eni("PrivateIpAddress", "10.0.0.17");
  }

  @Test
  void reservationsDoNotOverlap() {
    SimulatedVpc aws = new SimulatedVpc("10.0.0.0/26");
    reserve(aws, "10.0.0.32/28", "prefix");
    assertThat(
            aws.code(
                "CreateSubnetCidrReservation",
                "SubnetId",
                aws.subnet,
                "Cidr",
                "10.0.0.32/27",
                "ReservationType",
                "prefix"))
        .isEqualTo("InvalidParameterValue");
  }

  @Test
  void scatteredAddressesFragmentASubnetSoonerThanLowestOnes() {
    assertThat(prefixesLeft(AddressOrder.LOWEST))
        .isGreaterThan(prefixesLeft(AddressOrder.SCATTERED));
  }

  /** How many prefixes a /24 still gives after 16 single addresses. */
  private static int prefixesLeft(AddressOrder order) {
    SimulatedVpc aws = new SimulatedVpc("10.0.0.0/24", Ec2World.Options.DEFAULT.withOrder(order));
    aws.eni("SecondaryPrivateIpAddressCount", "15");
    int prefixes = 0;
    String eni = aws.eni();
    while (aws.world
            .call(
                "AssignPrivateIpAddresses",
                SimulatedVpc.parameters("NetworkInterfaceId", eni, "Ipv4PrefixCount", "1"))
            .content()
        instanceof Reply.Answer) {
      prefixes++;
    }
    return prefixes;
  }

  private static void reserve(SimulatedVpc aws, String cidr, String type) {
    aws.world.run(
        "CreateSubnetCidrReservation",
        "SubnetId",
        aws.subnet,
        "Cidr",
        cidr,
        "ReservationType",
        type);
  }
}
