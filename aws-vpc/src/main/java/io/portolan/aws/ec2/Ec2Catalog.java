package io.portolan.aws.ec2;

import io.portolan.common.cloud.ApiCatalog;
import io.portolan.common.cloud.ApiOperation;
import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.ObservationScope;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * EC2's request buckets: per account, region and action (EC2 developer guide, "Request throttling
 * for the Amazon EC2 API", tables of bucket sizes and refill rates). Pure data.
 */
public final class Ec2Catalog implements ApiCatalog {
  private static final Bucket READING = new Bucket(100, 20);
  private static final Bucket ENI_CHANGES = new Bucket(100, 5);
  private static final Bucket UNLISTED_CHANGES = new Bucket(50, 5);

  private static final Map<Ec2Action, Bucket> BUCKETS =
      new EnumMap<>(
          Map.ofEntries(
              Map.entry(Ec2Action.DESCRIBE_INSTANCES, READING),
              Map.entry(Ec2Action.DESCRIBE_INSTANCE_TYPES, READING),
              Map.entry(Ec2Action.DESCRIBE_NETWORK_INTERFACES, READING),
              Map.entry(Ec2Action.DESCRIBE_SUBNETS, READING),
              Map.entry(Ec2Action.DESCRIBE_VPCS, READING),
              Map.entry(Ec2Action.CREATE_NETWORK_INTERFACE, ENI_CHANGES),
              Map.entry(Ec2Action.DELETE_NETWORK_INTERFACE, ENI_CHANGES),
              Map.entry(Ec2Action.MODIFY_NETWORK_INTERFACE_ATTRIBUTE, ENI_CHANGES),
              Map.entry(Ec2Action.ASSIGN_PRIVATE_IP_ADDRESSES, ENI_CHANGES),
              Map.entry(Ec2Action.UNASSIGN_PRIVATE_IP_ADDRESSES, ENI_CHANGES),
              Map.entry(Ec2Action.ASSIGN_IPV6_ADDRESSES, ENI_CHANGES),
              Map.entry(Ec2Action.UNASSIGN_IPV6_ADDRESSES, UNLISTED_CHANGES),
              Map.entry(Ec2Action.ATTACH_NETWORK_INTERFACE, UNLISTED_CHANGES),
              Map.entry(Ec2Action.DETACH_NETWORK_INTERFACE, UNLISTED_CHANGES),
              Map.entry(Ec2Action.CREATE_TAGS, new Bucket(100, 10))));

  @Override
  public ApiOperation operation(CloudAction action) {
    return operation(action(action));
  }

  /** The name by which budgets and metrics know an action. */
  public static ApiOperation operation(Ec2Action action) {
    return new ApiOperation(action.apiName());
  }

  private static Ec2Action action(CloudAction action) {
    return switch (action) {
      case CloudAction.CreateInterface _ -> Ec2Action.CREATE_NETWORK_INTERFACE;
      case CloudAction.AttachInterface _ -> Ec2Action.ATTACH_NETWORK_INTERFACE;
      case CloudAction.DeleteWithMachine _ -> Ec2Action.MODIFY_NETWORK_INTERFACE_ATTRIBUTE;
      case CloudAction.AssignAddresses assign -> assigning(assign.family());
      case CloudAction.AssignPrefixes assign -> assigning(assign.family());
      case CloudAction.Unassign unassign -> unassigning(unassign.cidrs());
      case CloudAction.DetachInterface _ -> Ec2Action.DETACH_NETWORK_INTERFACE;
      case CloudAction.DeleteInterface _ -> Ec2Action.DELETE_NETWORK_INTERFACE;
      // Never planned here: EC2 routes no block to a node as a whole.
      case CloudAction.AssignNodeCidr _, CloudAction.ReleaseNodeCidr _ ->
          Ec2Action.ASSIGN_PRIVATE_IP_ADDRESSES;
    };
  }

  private static Ec2Action assigning(IpFamily family) {
    return switch (family) {
      case IPV4 -> Ec2Action.ASSIGN_PRIVATE_IP_ADDRESSES;
      case IPV6 -> Ec2Action.ASSIGN_IPV6_ADDRESSES;
    };
  }

  private static Ec2Action unassigning(List<Cidr> cidrs) {
    return switch (cidrs.getFirst().family()) {
      case IPV4 -> Ec2Action.UNASSIGN_PRIVATE_IP_ADDRESSES;
      case IPV6 -> Ec2Action.UNASSIGN_IPV6_ADDRESSES;
    };
  }

  @Override
  public SortedMap<ApiOperation, Integer> observation(ObservationScope scope) {
    SortedMap<ApiOperation, Integer> calls = new TreeMap<>();
    for (Ec2Action action :
        List.of(
            Ec2Action.DESCRIBE_INSTANCES,
            Ec2Action.DESCRIBE_NETWORK_INTERFACES,
            Ec2Action.DESCRIBE_SUBNETS,
            Ec2Action.DESCRIBE_VPCS)) {
      calls.put(operation(action), 1);
    }
    return calls;
  }

  @Override
  public SortedMap<ApiOperation, Bucket> buckets() {
    SortedMap<ApiOperation, Bucket> buckets = new TreeMap<>();
    BUCKETS.forEach((action, bucket) -> buckets.put(operation(action), bucket));
    return Collections.unmodifiableSortedMap(buckets);
  }

  @Override
  public Bucket defaultBucket() {
    return UNLISTED_CHANGES;
  }
}
