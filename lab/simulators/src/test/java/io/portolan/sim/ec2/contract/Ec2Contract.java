package io.portolan.sim.ec2.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.AttachmentStatus;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.InstanceType;
import software.amazon.awssdk.services.ec2.model.NetworkInterface;
import software.amazon.awssdk.services.ec2.model.NetworkInterfacePrivateIpAddress;
import software.amazon.awssdk.services.ec2.model.NetworkInterfaceStatus;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.Subnet;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;
import software.amazon.awssdk.services.ec2.model.Vpc;

/**
 * What any EC2 endpoint must do. Each test makes what it needs in one VPC that the class makes
 * through the API itself, so the endpoint may be cold and may hold other things.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class Ec2Contract {
  Ec2Client ec2;
  Vpc vpc;
  Subnet subnet;
  String group;

  /** Where to send requests; called once, before all tests. */
  abstract URI endpoint() throws Exception;

  @BeforeAll
  void buildVpc() throws Exception {
    ec2 =
        Ec2Client.builder()
            .endpointOverride(endpoint())
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("AKID", "secret")))
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            .overrideConfiguration(o -> o.retryStrategy(r -> r.maxAttempts(1)))
            .build();
    vpc = ec2.createVpc(r -> r.cidrBlock("10.40.0.0/16")).vpc();
    subnet = subnet("10.40.0.0/24");
    group =
        ec2.createSecurityGroup(r -> r.groupName("nodes").description("nodes").vpcId(vpc.vpcId()))
            .groupId();
  }

  @AfterAll
  void close() {
    // Absent if the endpoint was not to be had and the class is skipped.
    if (ec2 != null) {
      ec2.close();
    }
  }

  Subnet subnet(String cidr) {
    return ec2.createSubnet(
            r -> r.vpcId(vpc.vpcId()).cidrBlock(cidr).availabilityZone("us-east-1a"))
        .subnet();
  }

  Instance instance(InstanceType type) {
    String id =
        ec2.runInstances(r ->
                r.imageId("ami-12c6146b")
                    .instanceType(type)
                    .minCount(1)
                    .maxCount(1)
                    .subnetId(subnet.subnetId())
                    .securityGroupIds(group))
            .instances()
            .getFirst()
            .instanceId();
    return ec2.describeInstances(r -> r.instanceIds(id))
        .reservations()
        .getFirst()
        .instances()
        .getFirst();
  }

  NetworkInterface eni(int secondary) {
    return ec2.createNetworkInterface(
            r -> {
              r.subnetId(subnet.subnetId()).groups(group);
              if (secondary > 0) {
                r.secondaryPrivateIpAddressCount(secondary);
              }
            })
        .networkInterface();
  }

  NetworkInterface look(NetworkInterface eni) {
    return ec2.describeNetworkInterfaces(r -> r.networkInterfaceIds(eni.networkInterfaceId()))
        .networkInterfaces()
        .getFirst();
  }

  String attach(NetworkInterface eni, Instance instance, int index) {
    return ec2.attachNetworkInterface(r ->
            r.networkInterfaceId(eni.networkInterfaceId())
                .instanceId(instance.instanceId())
                .deviceIndex(index))
        .attachmentId();
  }

  List<String> find(String filter, String... values) {
    return ec2
        .describeNetworkInterfaces(
            r -> r.filters(Filter.builder().name(filter).values(values).build()))
        .networkInterfaces()
        .stream()
        .map(NetworkInterface::networkInterfaceId)
        .toList();
  }

  static List<String> addresses(NetworkInterface eni) {
    return eni.privateIpAddresses().stream()
        .map(NetworkInterfacePrivateIpAddress::privateIpAddress)
        .toList();
  }

  static void assertRefused(String code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Ec2Exception.class, e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code));
  }

  @Test
  void aNewSubnetHasAllItsAddressesButFive() {
    Subnet fresh = subnet("10.40.9.0/24");
    assertThat(fresh.availableIpAddressCount()).isEqualTo(251);
    assertThat(ec2.describeSubnets(r -> r.subnetIds(fresh.subnetId())).subnets().getFirst().vpcId())
        .isEqualTo(vpc.vpcId());
  }

  @Test
  void anInstanceHasAPrimaryInterfaceInItsSubnet() {
    Instance instance = instance(InstanceType.M5_LARGE);
    assertThat(instance.networkInterfaces())
        .singleElement()
        .satisfies(primary -> {
          assertThat(primary.attachment().deviceIndex()).isZero();
          assertThat(primary.subnetId()).isEqualTo(subnet.subnetId());
          assertThat(primary.privateIpAddress()).isEqualTo(instance.privateIpAddress());
        });
  }

  @Test
  void instanceTypesTellTheirNetworkLimits() {
    var network =
        ec2.describeInstanceTypes(r -> r.instanceTypes(InstanceType.C5_4_XLARGE))
            .instanceTypes()
            .getFirst()
            .networkInfo();
    assertThat(List.of(network.maximumNetworkInterfaces(), network.ipv4AddressesPerInterface()))
        .containsExactly(8, 30);
  }

  @Test
  void anInterfaceIsMadeWithTheAddressesAsked() {
    NetworkInterface made = eni(3);
    assertThat(addresses(made))
        .hasSize(4)
        .contains(made.privateIpAddress())
        .doesNotHaveDuplicates();
    assertThat(made.status()).isNotEqualTo(NetworkInterfaceStatus.IN_USE);
    assertThat(addresses(look(made))).containsExactlyInAnyOrderElementsOf(addresses(made));
    assertThat(look(made).groups()).singleElement().matches(g -> g.groupId().equals(group));
  }

  @Test
  void tagsOfTheCreatingCallCanBeFilteredBy() {
    String id =
        ec2.createNetworkInterface(r ->
                r.subnetId(subnet.subnetId())
                    .tagSpecifications(
                        TagSpecification.builder()
                            .resourceType(ResourceType.NETWORK_INTERFACE)
                            .tags(Tag.builder().key("cluster").value("contract").build())
                            .build()))
            .networkInterface()
            .networkInterfaceId();
    assertThat(find("tag:cluster", "contract")).containsExactly(id);
    assertThat(find("tag:cluster", "other")).isEmpty();
  }

  @Test
  void anInterfaceIsAttachedAndDetached() {
    Instance instance = instance(InstanceType.M5_LARGE);
    NetworkInterface eni = eni(0);
    String attachment = attach(eni, instance, 1);
    NetworkInterface attached = look(eni);
    assertThat(attached.status()).isEqualTo(NetworkInterfaceStatus.IN_USE);
    assertThat(attached.attachment().instanceId()).isEqualTo(instance.instanceId());
    assertThat(attached.attachment().deviceIndex()).isEqualTo(1);
    assertThat(attached.attachment().status())
        .isIn(AttachmentStatus.ATTACHING, AttachmentStatus.ATTACHED);
    assertThat(find("attachment.instance-id", instance.instanceId()))
        .contains(eni.networkInterfaceId())
        .hasSize(2);
    ec2.detachNetworkInterface(r -> r.attachmentId(attachment));
    assertThat(look(eni).status()).isEqualTo(NetworkInterfaceStatus.AVAILABLE);
  }

  @Test
  void sourceDestCheckCanBeSwitchedOff() {
    NetworkInterface eni = eni(0);
    assertThat(look(eni).sourceDestCheck()).isTrue();
    ec2.modifyNetworkInterfaceAttribute(
        r -> r.networkInterfaceId(eni.networkInterfaceId()).sourceDestCheck(v -> v.value(false)));
    assertThat(look(eni).sourceDestCheck()).isFalse();
  }

  @Test
  void addressesAreAssignedAndUnassigned() {
    NetworkInterface eni = eni(0);
    ec2.assignPrivateIpAddresses(
        r -> r.networkInterfaceId(eni.networkInterfaceId()).secondaryPrivateIpAddressCount(2));
    List<String> three = addresses(look(eni));
    assertThat(three).hasSize(3);
    String gone = three.stream().filter(a -> !a.equals(eni.privateIpAddress())).toList().getLast();
    ec2.unassignPrivateIpAddresses(
        r -> r.networkInterfaceId(eni.networkInterfaceId()).privateIpAddresses(gone));
    assertThat(addresses(look(eni))).hasSize(2).doesNotContain(gone);
  }

  @Test
  void availableAddressesFollowInterfaces() {
    Subnet own = subnet("10.40.10.0/24");
    String id =
        ec2.createNetworkInterface(
                r -> r.subnetId(own.subnetId()).secondaryPrivateIpAddressCount(5))
            .networkInterface()
            .networkInterfaceId();
    assertThat(available(own)).isEqualTo(245);
    ec2.deleteNetworkInterface(r -> r.networkInterfaceId(id));
    assertThat(available(own)).isEqualTo(251);
  }

  int available(Subnet subnet) {
    return ec2.describeSubnets(r -> r.subnetIds(subnet.subnetId()))
        .subnets()
        .getFirst()
        .availableIpAddressCount();
  }

  @Test
  void whatDoesNotExistIsNotFound() {
    String code = "InvalidNetworkInterfaceID.NotFound";
    assertRefused(
        code,
        () -> ec2.describeNetworkInterfaces(r -> r.networkInterfaceIds("eni-0123456789abcdef0")));
    NetworkInterface eni = eni(0);
    ec2.deleteNetworkInterface(r -> r.networkInterfaceId(eni.networkInterfaceId()));
    assertRefused(
        code,
        () -> ec2.deleteNetworkInterface(r -> r.networkInterfaceId(eni.networkInterfaceId())));
    assertRefused(
        "InvalidVpcID.NotFound", () -> ec2.deleteVpc(r -> r.vpcId("vpc-0123456789abcdef0")));
    assertRefused(
        "InvalidSubnetID.NotFound",
        () -> ec2.createNetworkInterface(r -> r.subnetId("subnet-0123456789abcdef0")));
  }

  @Test
  void aDryRunOnlySaysThatItWouldHaveWorked() {
    assertRefused(
        "DryRunOperation",
        () -> ec2.createNetworkInterface(r -> r.subnetId(subnet.subnetId()).dryRun(true)));
  }
}
