package io.portolan.aws.ec2;

import java.util.Arrays;
import java.util.List;

/**
 * Every EC2 action the controller calls, which is also every IAM permission it needs. The IAM
 * policies shipped with the charts and the Terraform modules are generated from this list.
 */
public enum Ec2Action {
  DESCRIBE_INSTANCES("DescribeInstances", Effect.READS),
  DESCRIBE_INSTANCE_TYPES("DescribeInstanceTypes", Effect.READS),
  DESCRIBE_NETWORK_INTERFACES("DescribeNetworkInterfaces", Effect.READS),
  DESCRIBE_SUBNETS("DescribeSubnets", Effect.READS),
  DESCRIBE_VPCS("DescribeVpcs", Effect.READS),
  CREATE_NETWORK_INTERFACE("CreateNetworkInterface", Effect.CHANGES),
  ATTACH_NETWORK_INTERFACE("AttachNetworkInterface", Effect.CHANGES),
  MODIFY_NETWORK_INTERFACE_ATTRIBUTE("ModifyNetworkInterfaceAttribute", Effect.CHANGES),
  DETACH_NETWORK_INTERFACE("DetachNetworkInterface", Effect.CHANGES),
  DELETE_NETWORK_INTERFACE("DeleteNetworkInterface", Effect.CHANGES),
  ASSIGN_PRIVATE_IP_ADDRESSES("AssignPrivateIpAddresses", Effect.CHANGES),
  UNASSIGN_PRIVATE_IP_ADDRESSES("UnassignPrivateIpAddresses", Effect.CHANGES),
  ASSIGN_IPV6_ADDRESSES("AssignIpv6Addresses", Effect.CHANGES),
  UNASSIGN_IPV6_ADDRESSES("UnassignIpv6Addresses", Effect.CHANGES),
  /** Never called by itself: tags at creation of an ENI need this permission. */
  CREATE_TAGS("CreateTags", Effect.CHANGES);

  /** Whether an action changes anything. */
  public enum Effect {
    READS,
    CHANGES
  }

  private final String apiName;
  private final Effect effect;

  Ec2Action(String apiName, Effect effect) {
    this.apiName = apiName;
    this.effect = effect;
  }

  /** The name in the EC2 API reference, such as {@code DescribeSubnets}. */
  public String apiName() {
    return apiName;
  }

  /** The name in an IAM policy, such as {@code ec2:DescribeSubnets}. */
  public String iamName() {
    return "ec2:" + apiName;
  }

  /** After a lost reply, a reading action may be repeated and a changing one must be looked up. */
  public Effect effect() {
    return effect;
  }

  /** All names as an IAM policy lists them, sorted. */
  public static List<String> iamNames() {
    return Arrays.stream(values()).map(Ec2Action::iamName).sorted().toList();
  }
}
