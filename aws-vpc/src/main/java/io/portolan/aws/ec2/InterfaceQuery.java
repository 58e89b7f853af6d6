package io.portolan.aws.ec2;

import java.util.List;

/** Which ENIs to list. */
public sealed interface InterfaceQuery {
  /** All of a VPC, attached or not: one listing serves every node. */
  record OfVpc(String vpcId) implements InterfaceQuery {}

  /** All that carry a tag with this value, in any VPC. */
  record Tagged(String key, String value) implements InterfaceQuery {}

  /** One, if it exists. */
  record ById(String interfaceId) implements InterfaceQuery {}

  /** Those that these instances hold. */
  record OfInstances(List<String> instanceIds) implements InterfaceQuery {
    public OfInstances {
      instanceIds = List.copyOf(instanceIds);
    }
  }
}
