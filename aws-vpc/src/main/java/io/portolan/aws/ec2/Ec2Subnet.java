package io.portolan.aws.ec2;

import io.portolan.common.net.Cidr;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A subnet, as DescribeSubnets shows it.
 *
 * @param id such as {@code subnet-0123456789abcdef0}
 * @param vpcId the VPC
 * @param zone the availability zone, such as {@code eu-central-1a}
 * @param cidrs its blocks: the IPv4 one first, then associated IPv6 ones
 * @param freeIpv4 EC2's AvailableIpAddressCount; says nothing about whether a whole /28 is left
 * @param tags sorted by key
 */
public record Ec2Subnet(
    String id,
    String vpcId,
    String zone,
    List<Cidr> cidrs,
    int freeIpv4,
    Map<String, String> tags) {
  public Ec2Subnet {
    cidrs = List.copyOf(cidrs);
    tags = Collections.unmodifiableMap(new TreeMap<>(tags));
  }
}
