package io.portolan.common.model;

import io.portolan.common.cloud.ApiCatalog;
import io.portolan.common.cloud.ApiOperation;
import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.ObservationScope;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The request buckets EC2 publishes (Amazon EC2 Developer Guide, "Request throttling for the Amazon
 * EC2 API"): capacity and refill per second, for each operation, account and Region.
 */
public final class Ec2Buckets implements ApiCatalog {
  @Override
  public ApiOperation operation(CloudAction action) {
    return new ApiOperation(
        switch (action) {
          case CloudAction.CreateInterface _ -> "CreateNetworkInterface";
          case CloudAction.AttachInterface _ -> "AttachNetworkInterface";
          case CloudAction.DeleteWithMachine _ -> "ModifyNetworkInterfaceAttribute";
          case CloudAction.AssignAddresses _, CloudAction.AssignPrefixes _ ->
              "AssignPrivateIpAddresses";
          case CloudAction.Unassign _ -> "UnassignPrivateIpAddresses";
          case CloudAction.DetachInterface _ -> "DetachNetworkInterface";
          case CloudAction.DeleteInterface _ -> "DeleteNetworkInterface";
          case CloudAction.AssignNodeCidr _, CloudAction.ReleaseNodeCidr _ ->
              throw new IllegalArgumentException("EC2 routes no blocks to nodes");
        });
  }

  @Override
  public SortedMap<ApiOperation, Integer> observation(ObservationScope scope) {
    SortedMap<ApiOperation, Integer> calls = new TreeMap<>();
    int pages = 1 + scope.machines().size() / 1000;
    calls.put(new ApiOperation("DescribeInstances"), pages);
    // Four interfaces for each machine, a thousand for each page.
    calls.put(new ApiOperation("DescribeNetworkInterfaces"), 1 + scope.machines().size() / 250);
    calls.put(new ApiOperation("DescribeSubnets"), 1);
    return calls;
  }

  @Override
  public SortedMap<ApiOperation, Bucket> buckets() {
    SortedMap<ApiOperation, Bucket> buckets = new TreeMap<>();
    buckets.put(new ApiOperation("DescribeSubnets"), new Bucket(100, 20));
    buckets.put(new ApiOperation("DescribeInstances"), new Bucket(100, 20));
    buckets.put(new ApiOperation("DescribeNetworkInterfaces"), new Bucket(100, 20));
    buckets.put(new ApiOperation("CreateNetworkInterface"), new Bucket(100, 5));
    buckets.put(new ApiOperation("DeleteNetworkInterface"), new Bucket(100, 5));
    buckets.put(new ApiOperation("ModifyNetworkInterfaceAttribute"), new Bucket(100, 5));
    buckets.put(new ApiOperation("AssignPrivateIpAddresses"), new Bucket(100, 5));
    buckets.put(new ApiOperation("UnassignPrivateIpAddresses"), new Bucket(100, 5));
    return buckets;
  }

  @Override
  public Bucket defaultBucket() {
    return new Bucket(50, 5);
  }
}
