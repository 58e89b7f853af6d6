package io.portolan.sim.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AddressRulesTest {
  private final SimulatedVpc aws = new SimulatedVpc("10.0.0.0/24");

  @Test
  void theFirstFourAddressesAndTheLastAreTheVpcs() {
    assertThat(aws.available()).isEqualTo(251);
    assertThat(aws.addresses(aws.eni())).containsExactly("10.0.0.4");
    assertThat(
            aws.refusal(
                "CreateNetworkInterface", "SubnetId", aws.subnet, "PrivateIpAddress", "10.0.0.3"))
        .isEqualTo("InvalidParameterValue: Address 10.0.0.3 is in subnet's reserved address range");
    assertThat(
            aws.code(
                "CreateNetworkInterface", "SubnetId", aws.subnet, "PrivateIpAddress", "10.0.0.255"))
        .isEqualTo("InvalidParameterValue");
  }

  @Test
  void aPrefixIsAlignedAndCountsAsSixteenAddresses() {
    String eni = aws.eni("Ipv4PrefixCount", "2");
    assertThat(aws.look(eni).addresses().prefixes())
        .extracting(Object::toString)
        .containsExactly("10.0.0.16/28", "10.0.0.32/28");
    assertThat(aws.available()).isEqualTo(251 - 1 - 32);
  }

  @Test
  void deletingAnInterfaceFreesItsAddressesAndPrefixes() {
    String eni = aws.eni("Ipv4PrefixCount", "1", "SecondaryPrivateIpAddressCount", "3");
    assertThat(aws.available()).isEqualTo(251 - 1 - 16 - 3);
    aws.world.run("DeleteNetworkInterface", "NetworkInterfaceId", eni);
    assertThat(aws.available()).isEqualTo(251);
  }

  @Test
  void addressesAndPrefixesShareTheSlotsOfTheInstanceType() {
    String eni = aws.eni("SecondaryPrivateIpAddressCount", "7");
    aws.attach(eni, aws.instance("m5.large"), 1);
    aws.world.run("AssignPrivateIpAddresses", "NetworkInterfaceId", eni, "Ipv4PrefixCount", "2");
    assertThat(aws.look(eni).addresses().slots()).isEqualTo(10);
    assertThat(
            aws.refusal(
                "AssignPrivateIpAddresses", "NetworkInterfaceId", eni, "Ipv4PrefixCount", "1"))
        .isEqualTo("PrivateIpAddressLimitExceeded: Number of private addresses will exceed limit.");
    assertThat(
            aws.code(
                "AssignPrivateIpAddresses",
                "NetworkInterfaceId",
                eni,
                "SecondaryPrivateIpAddressCount",
                "1"))
        .isEqualTo("PrivateIpAddressLimitExceeded");
  }

  @Test
  void assigningAnswersWithTheNewAddressesOnly() {
    String eni = aws.eni();
    assertThat(
            aws.world
                .run(
                    "AssignPrivateIpAddresses",
                    "NetworkInterfaceId",
                    eni,
                    "SecondaryPrivateIpAddressCount",
                    "1")
                .find("assignedPrivateIpAddressesSet")
                .orElseThrow()
                .children())
        .singleElement()
        .extracting(item -> item.text("privateIpAddress"))
        .isEqualTo("10.0.0.5");
  }

  @Test
  void anAddressMovesOnlyWithAllowReassignment() {
    String from = aws.eni("SecondaryPrivateIpAddressCount", "1");
    String to = aws.eni();
    assertThat(
            aws.code(
                "AssignPrivateIpAddresses",
                "NetworkInterfaceId",
                to,
                "PrivateIpAddress.1",
                "10.0.0.5"))
        .isEqualTo("InvalidIPAddress.InUse");
    aws.world.run(
        "AssignPrivateIpAddresses",
        "NetworkInterfaceId",
        to,
        "PrivateIpAddress.1",
        "10.0.0.5",
        "AllowReassignment",
        "true");
    assertThat(aws.addresses(from)).containsExactly("10.0.0.4");
    assertThat(aws.addresses(to)).containsExactly("10.0.0.6", "10.0.0.5");
    assertThat(aws.available()).isEqualTo(251 - 3);
  }

  @Test
  void aPrimaryAddressNeverMovesOrGoes() {
    String from = aws.eni();
    String to = aws.eni();
    assertThat(
            aws.code(
                "AssignPrivateIpAddresses",
                "NetworkInterfaceId",
                to,
                "PrivateIpAddress.1",
                "10.0.0.4",
                "AllowReassignment",
                "true"))
        .isEqualTo("InvalidIPAddress.InUse");
    assertThat(
            aws.code(
                "UnassignPrivateIpAddresses",
                "NetworkInterfaceId",
                from,
                "PrivateIpAddress.1",
                "10.0.0.4"))
        .isEqualTo("InvalidParameterValue");
  }

  @Test
  void anAddressInsideAPrefixIsTaken() {
    aws.eni("Ipv4PrefixCount", "1");
    assertThat(
            aws.code(
                "CreateNetworkInterface", "SubnetId", aws.subnet, "PrivateIpAddress", "10.0.0.17"))
        .isEqualTo("InvalidIPAddress.InUse");
  }

  @Test
  void whatIsNotHeldCannotBeUnassigned() {
    String eni = aws.eni("SecondaryPrivateIpAddressCount", "1");
    assertThat(
            aws.refusal(
                "UnassignPrivateIpAddresses",
                "NetworkInterfaceId",
                eni,
                "PrivateIpAddress.1",
                "10.0.0.5",
                "PrivateIpAddress.2",
                "10.0.0.77"))
        .isEqualTo(
            "InvalidParameterValue: Some of the specified addresses are not assigned to interface "
                + eni);
    assertThat(aws.addresses(eni)).as("all or nothing").contains("10.0.0.5");
  }

  @Test
  void aRequestAsksForOneKindOfThing() {
    assertThat(
            aws.code(
                "AssignPrivateIpAddresses",
                "NetworkInterfaceId",
                aws.eni(),
                "SecondaryPrivateIpAddressCount",
                "1",
                "Ipv4PrefixCount",
                "1"))
        .isEqualTo("InvalidParameterCombination");
  }

  @Test
  void prefixesNeedANitroInstance() {
    assertThat(
            aws.code(
                "AssignPrivateIpAddresses",
                "NetworkInterfaceId",
                aws.primaryOf(aws.instance("t2.micro")),
                "Ipv4PrefixCount",
                "1"))
        .isEqualTo("UnsupportedOperation");
  }

  @Test
  void ipv6ComesFromTheSubnetsBlock() {
    assertThat(
            aws.code(
                "AssignIpv6Addresses", "NetworkInterfaceId", aws.eni(), "Ipv6AddressCount", "1"))
        .isEqualTo("InvalidParameterValue");
    String block =
        aws.world
            .run("AssociateVpcCidrBlock", "VpcId", aws.vpc, "AmazonProvidedIpv6CidrBlock", "true")
            .text("ipv6CidrBlockAssociation/ipv6CidrBlock");
    String dual =
        aws.world
            .run(
                "CreateSubnet",
                "VpcId",
                aws.vpc,
                "CidrBlock",
                "10.0.1.0/24",
                "Ipv6CidrBlock",
                block.replace("/56", "/64"))
            .text("subnet/subnetId");
    String eni = aws.eni("SubnetId", dual, "Ipv6AddressCount", "2", "Ipv6PrefixCount", "1");
    assertThat(aws.look(eni).addresses().ipv6Slots()).isEqualTo(3);
    assertThat(aws.look(eni).addresses().ipv6())
        .allMatch(io.portolan.common.net.Cidr.parse(block)::contains);
  }
}
