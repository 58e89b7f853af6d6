package io.portolan.aws.ec2;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ec2.model.GroupIdentifier;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.InstanceTypeHypervisor;
import software.amazon.awssdk.services.ec2.model.InstanceTypeInfo;
import software.amazon.awssdk.services.ec2.model.NetworkCardInfo;
import software.amazon.awssdk.services.ec2.model.NetworkInterface;
import software.amazon.awssdk.services.ec2.model.NetworkInterfaceAttachment;
import software.amazon.awssdk.services.ec2.model.Subnet;
import software.amazon.awssdk.services.ec2.model.SubnetCidrBlockStateCode;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.Vpc;
import software.amazon.awssdk.services.ec2.model.VpcCidrBlockStateCode;

/** The SDK's model turned into ours. Pure. */
final class Ec2Mapping {
  private Ec2Mapping() {}

  /** A reply lacks what EC2 always sends: it is not EC2 that answered. */
  static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unreadable(String message) {
      super(message);
    }
  }

  static <T> T required(@Nullable T value, String field) {
    if (value == null) {
      throw new Unreadable("the reply has no " + field);
    }
    return value;
  }

  static Ec2Instance instance(Instance sdk) {
    return new Ec2Instance(
        required(sdk.instanceId(), "instanceId"),
        required(sdk.instanceTypeAsString(), "instanceType"),
        instanceState(sdk),
        sdk.placement() == null || sdk.placement().availabilityZone() == null
            ? ""
            : sdk.placement().availabilityZone(),
        Optional.ofNullable(sdk.vpcId()),
        Optional.ofNullable(sdk.subnetId()),
        Optional.ofNullable(sdk.privateIpAddress()).map(IpAddress::parse),
        groupIds(sdk.securityGroups()));
  }

  private static Ec2Instance.State instanceState(Instance sdk) {
    return switch (required(sdk.state(), "instanceState").name()) {
      case PENDING -> Ec2Instance.State.PENDING;
      case RUNNING -> Ec2Instance.State.RUNNING;
      case STOPPING -> Ec2Instance.State.STOPPING;
      case STOPPED -> Ec2Instance.State.STOPPED;
      case SHUTTING_DOWN -> Ec2Instance.State.SHUTTING_DOWN;
      case TERMINATED -> Ec2Instance.State.TERMINATED;
      case UNKNOWN_TO_SDK_VERSION -> Ec2Instance.State.UNKNOWN;
    };
  }

  static Ec2InstanceType instanceType(InstanceTypeInfo sdk) {
    String name = required(sdk.instanceTypeAsString(), "instanceType");
    var network = required(sdk.networkInfo(), "networkInfo of " + name);
    List<Integer> perCard =
        network.networkCards().stream()
            .map(NetworkCardInfo::maximumNetworkInterfaces)
            .map(most -> most == null ? 0 : most)
            .toList();
    return new Ec2InstanceType(
        name,
        required(network.ipv4AddressesPerInterface(), "ipv4AddressesPerInterface of " + name),
        perCard.isEmpty()
            ? List.of(
                required(network.maximumNetworkInterfaces(), "maximumNetworkInterfaces of " + name))
            : perCard,
        sdk.hypervisor() == InstanceTypeHypervisor.NITRO || Boolean.TRUE.equals(sdk.bareMetal()));
  }

  static Ec2Interface networkInterface(@Nullable NetworkInterface reply) {
    NetworkInterface sdk = required(reply, "networkInterface");
    String id = required(sdk.networkInterfaceId(), "networkInterfaceId");
    List<IpAddress> secondary = new ArrayList<>();
    sdk.privateIpAddresses().stream()
        .filter(a -> !Boolean.TRUE.equals(a.primary()))
        .map(a -> IpAddress.parse(required(a.privateIpAddress(), "privateIpAddress of " + id)))
        .forEach(secondary::add);
    sdk.ipv6Addresses().stream()
        .map(a -> IpAddress.parse(required(a.ipv6Address(), "ipv6Address of " + id)))
        .forEach(secondary::add);
    return new Ec2Interface(
        id,
        required(sdk.vpcId(), "vpcId of " + id),
        required(sdk.subnetId(), "subnetId of " + id),
        sdk.availabilityZone() == null ? "" : sdk.availabilityZone(),
        status(sdk),
        sdk.interfaceTypeAsString() == null ? "interface" : sdk.interfaceTypeAsString(),
        MacAddress.parse(required(sdk.macAddress(), "macAddress of " + id)),
        Optional.ofNullable(sdk.privateIpAddress()).map(IpAddress::parse),
        secondary,
        Stream.concat(
                sdk.ipv4Prefixes().stream().map(p -> Cidr.parse(p.ipv4Prefix())),
                sdk.ipv6Prefixes().stream().map(p -> Cidr.parse(p.ipv6Prefix())))
            .toList(),
        groupIds(sdk.groups()),
        Optional.ofNullable(sdk.attachment())
            .filter(a -> a.attachmentId() != null)
            .map(Ec2Mapping::attachment),
        tags(sdk.tagSet()));
  }

  private static Ec2Interface.Status status(NetworkInterface sdk) {
    if (sdk.status() == null) {
      // CreateNetworkInterface may answer before the status is set.
      return Ec2Interface.Status.PENDING;
    }
    return switch (sdk.status()) {
      case AVAILABLE -> Ec2Interface.Status.AVAILABLE;
      case ASSOCIATED -> Ec2Interface.Status.ASSOCIATED;
      case ATTACHING -> Ec2Interface.Status.ATTACHING;
      case IN_USE -> Ec2Interface.Status.IN_USE;
      case DETACHING -> Ec2Interface.Status.DETACHING;
      case UNKNOWN_TO_SDK_VERSION ->
          "pending".equals(sdk.statusAsString())
              ? Ec2Interface.Status.PENDING
              : Ec2Interface.Status.UNKNOWN;
    };
  }

  private static Ec2Interface.Attachment attachment(NetworkInterfaceAttachment sdk) {
    return new Ec2Interface.Attachment(
        sdk.attachmentId(),
        attachmentState(sdk),
        Optional.ofNullable(sdk.instanceId()),
        sdk.deviceIndex() == null ? 0 : sdk.deviceIndex(),
        sdk.networkCardIndex() == null ? 0 : sdk.networkCardIndex(),
        Boolean.TRUE.equals(sdk.deleteOnTermination()),
        Optional.ofNullable(sdk.attachTime()));
  }

  private static Ec2Interface.Attachment.State attachmentState(NetworkInterfaceAttachment sdk) {
    if (sdk.status() == null) {
      return Ec2Interface.Attachment.State.UNKNOWN;
    }
    return switch (sdk.status()) {
      case ATTACHING -> Ec2Interface.Attachment.State.ATTACHING;
      case ATTACHED -> Ec2Interface.Attachment.State.ATTACHED;
      case DETACHING -> Ec2Interface.Attachment.State.DETACHING;
      case DETACHED -> Ec2Interface.Attachment.State.DETACHED;
      case UNKNOWN_TO_SDK_VERSION -> Ec2Interface.Attachment.State.UNKNOWN;
    };
  }

  static Ec2Subnet subnet(Subnet sdk) {
    String id = required(sdk.subnetId(), "subnetId");
    List<Cidr> cidrs = new ArrayList<>();
    if (sdk.cidrBlock() != null && !sdk.cidrBlock().isEmpty()) {
      cidrs.add(Cidr.parse(sdk.cidrBlock()));
    }
    sdk.ipv6CidrBlockAssociationSet().stream()
        .filter(a -> a.ipv6CidrBlockState().state() == SubnetCidrBlockStateCode.ASSOCIATED)
        .map(a -> Cidr.parse(a.ipv6CidrBlock()))
        .forEach(cidrs::add);
    return new Ec2Subnet(
        id,
        required(sdk.vpcId(), "vpcId of " + id),
        required(sdk.availabilityZone(), "availabilityZone of " + id),
        cidrs,
        sdk.availableIpAddressCount() == null ? 0 : sdk.availableIpAddressCount(),
        tags(sdk.tags()));
  }

  /** All associated blocks; one being disassociated no longer routes. */
  static List<Cidr> vpcCidrs(Vpc sdk) {
    List<Cidr> cidrs = new ArrayList<>();
    sdk.cidrBlockAssociationSet().stream()
        .filter(a -> a.cidrBlockState().state() == VpcCidrBlockStateCode.ASSOCIATED)
        .map(a -> Cidr.parse(a.cidrBlock()))
        .forEach(cidrs::add);
    sdk.ipv6CidrBlockAssociationSet().stream()
        .filter(a -> a.ipv6CidrBlockState().state() == VpcCidrBlockStateCode.ASSOCIATED)
        .map(a -> Cidr.parse(a.ipv6CidrBlock()))
        .forEach(cidrs::add);
    if (cidrs.isEmpty() && sdk.cidrBlock() != null) {
      cidrs.add(Cidr.parse(sdk.cidrBlock()));
    }
    Collections.sort(cidrs);
    return List.copyOf(cidrs);
  }

  private static List<String> groupIds(List<GroupIdentifier> groups) {
    return groups.stream().map(GroupIdentifier::groupId).sorted().toList();
  }

  private static Map<String, String> tags(List<Tag> tags) {
    return tags.stream()
        .collect(
            Collectors.toMap(
                Tag::key, t -> t.value() == null ? "" : t.value(), (first, second) -> second));
  }
}
