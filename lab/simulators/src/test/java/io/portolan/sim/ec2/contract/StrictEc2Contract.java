package io.portolan.sim.ec2.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.AttachmentStatus;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.InstanceType;
import software.amazon.awssdk.services.ec2.model.Ipv4PrefixSpecification;
import software.amazon.awssdk.services.ec2.model.NetworkInterface;
import software.amazon.awssdk.services.ec2.model.Subnet;

/** What EC2 does beyond {@link Ec2Contract}, and the emulators tried so far do not. */
abstract class StrictEc2Contract extends Ec2Contract {
  private void assign(NetworkInterface eni, int count) {
    ec2.assignPrivateIpAddresses(
        r -> r.networkInterfaceId(eni.networkInterfaceId()).secondaryPrivateIpAddressCount(count));
  }

  @Test
  void theInstanceTypeLimitsInterfacesAndAddresses() {
    Instance instance = instance(InstanceType.M5_LARGE);
    NetworkInterface second = eni(9);
    attach(second, instance, 1);
    attach(eni(0), instance, 2);
    assertRefused("AttachmentLimitExceeded", () -> attach(eni(0), instance, 3));
    assertRefused("PrivateIpAddressLimitExceeded", () -> assign(second, 1));
    assertRefused(
        "InvalidInterface.IpAddressLimitExceeded",
        () -> attach(eni(10), instance(InstanceType.M5_LARGE), 1));
  }

  @Test
  void anIndexAndAnInterfaceAreTakenOnce() {
    Instance instance = instance(InstanceType.M5_LARGE);
    NetworkInterface eni = eni(0);
    attach(eni, instance, 1);
    assertRefused("InvalidParameterValue", () -> attach(eni(0), instance, 1));
    assertRefused("InvalidNetworkInterface.InUse", () -> attach(eni, instance, 2));
    assertRefused(
        "InvalidNetworkInterface.InUse",
        () -> ec2.deleteNetworkInterface(r -> r.networkInterfaceId(eni.networkInterfaceId())));
  }

  @Test
  void theSdksOwnTokenMakesARepetitionHarmless() {
    String token = "contract-token";
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      ids.add(
          ec2.createNetworkInterface(r -> r.subnetId(subnet.subnetId()).clientToken(token))
              .networkInterface()
              .networkInterfaceId());
    }
    assertThat(ids.getFirst()).isEqualTo(ids.getLast());
    assertRefused(
        "IdempotentParameterMismatch",
        () ->
            ec2.createNetworkInterface(
                r -> r.subnetId(subnet.subnetId()).description("x").clientToken(token)));
  }

  @Test
  void prefixesAreAssignedCountedAndUnassigned() {
    Subnet own = subnet("10.40.20.0/24");
    NetworkInterface eni =
        ec2.createNetworkInterface(r -> r.subnetId(own.subnetId()).ipv4PrefixCount(1))
            .networkInterface();
    assertThat(eni.ipv4Prefixes()).singleElement().matches(p -> p.ipv4Prefix().endsWith("/28"));
    assertThat(available(own)).isEqualTo(251 - 17);
    var more =
        ec2.assignPrivateIpAddresses(
            r -> r.networkInterfaceId(eni.networkInterfaceId()).ipv4PrefixCount(2));
    List<String> prefixes =
        more.assignedIpv4Prefixes().stream().map(Ipv4PrefixSpecification::ipv4Prefix).toList();
    assertThat(prefixes).hasSize(2);
    ec2.unassignPrivateIpAddresses(
        r -> r.networkInterfaceId(eni.networkInterfaceId()).ipv4Prefixes(prefixes));
    assertThat(look(eni).ipv4Prefixes()).hasSize(1);
    assertThat(available(own)).isEqualTo(251 - 17);
  }

  @Test
  void anExhaustedSubnetSaysSo() {
    Subnet tiny = subnet("10.40.21.0/28");
    for (int i = 0; i < 11; i++) {
      ec2.createNetworkInterface(r -> r.subnetId(tiny.subnetId()));
    }
    assertRefused(
        "InsufficientFreeAddressesInSubnet",
        () -> ec2.createNetworkInterface(r -> r.subnetId(tiny.subnetId())));
    assertRefused(
        "InvalidParameterValue",
        () -> ec2.createNetworkInterface(r -> r.subnetId(tiny.subnetId()).ipv4PrefixCount(1)));
  }

  @Test
  void aFragmentedSubnetSaysSo() {
    Subnet fragmented = subnet("10.40.22.0/26");
    for (String address : List.of("10.40.22.20", "10.40.22.40")) {
      ec2.createNetworkInterface(r -> r.subnetId(fragmented.subnetId()).privateIpAddress(address));
    }
    assertRefused(
        "InsufficientCidrBlocks",
        () ->
            ec2.createNetworkInterface(r -> r.subnetId(fragmented.subnetId()).ipv4PrefixCount(1)));
  }

  @Test
  void deleteOnTerminationIsStoredAndHonoured() {
    Instance instance = instance(InstanceType.M5_LARGE);
    NetworkInterface dies = eni(0);
    NetworkInterface stays = eni(0);
    String attachment = attach(dies, instance, 1);
    attach(stays, instance, 2);
    ec2.modifyNetworkInterfaceAttribute(r ->
        r.networkInterfaceId(dies.networkInterfaceId())
            .attachment(a -> a.attachmentId(attachment).deleteOnTermination(true)));
    assertThat(look(dies).attachment().deleteOnTermination()).isTrue();
    ec2.terminateInstances(r -> r.instanceIds(instance.instanceId()));
    assertRefused("InvalidNetworkInterfaceID.NotFound", () -> look(dies));
    assertThat(look(stays).attachment()).isNull();
  }

  @Test
  void everyPageIsServedOnce() {
    for (int i = 0; i < 12; i++) {
      eni(0);
    }
    List<String> paged =
        ec2.describeNetworkInterfacesPaginator(r -> r.maxResults(5)).networkInterfaces().stream()
            .map(NetworkInterface::networkInterfaceId)
            .toList();
    List<String> whole =
        ec2.describeNetworkInterfaces().networkInterfaces().stream()
            .map(NetworkInterface::networkInterfaceId)
            .toList();
    assertThat(paged).containsExactlyElementsOf(whole);
    assertThat(ec2.describeInstanceTypesPaginator(r -> r.maxResults(100)).instanceTypes().stream())
        .hasSizeGreaterThan(500);
  }

  @Test
  void filtersInUseByControllersWork() {
    Instance instance = instance(InstanceType.M5_LARGE);
    NetworkInterface eni = eni(1);
    attach(eni, instance, 1);
    assertThat(
            ec2.describeNetworkInterfaces(r ->
                    r.filters(
                        filter("attachment.instance-id", instance.instanceId()),
                        filter("attachment.status", AttachmentStatus.ATTACHED.toString()),
                        filter("attachment.device-index", "1"),
                        filter("vpc-id", vpc.vpcId()),
                        filter("status", "in-use")))
                .networkInterfaces())
        .extracting(NetworkInterface::networkInterfaceId)
        .containsExactly(eni.networkInterfaceId());
    assertThat(find("addresses.private-ip-address", addresses(eni).getLast()))
        .containsExactly(eni.networkInterfaceId());
    assertRefused("InvalidParameterValue", () -> find("no-such-filter", "x"));
  }

  private static Filter filter(String name, String... values) {
    return Filter.builder().name(name).values(values).build();
  }

  @Test
  void anAddressHasOneOwner() {
    NetworkInterface from = eni(1);
    NetworkInterface to = eni(0);
    String address = addresses(from).getLast();
    assertRefused(
        "InvalidIPAddress.InUse",
        () ->
            ec2.assignPrivateIpAddresses(
                r -> r.networkInterfaceId(to.networkInterfaceId()).privateIpAddresses(address)));
    ec2.assignPrivateIpAddresses(r ->
        r.networkInterfaceId(to.networkInterfaceId())
            .privateIpAddresses(address)
            .allowReassignment(true));
    assertThat(find("addresses.private-ip-address", address))
        .containsExactly(to.networkInterfaceId());
  }
}
