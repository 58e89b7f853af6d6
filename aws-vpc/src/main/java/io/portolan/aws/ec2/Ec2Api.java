package io.portolan.aws.ec2;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The EC2 calls the controller uses, one method each; listings are read to their last page.
 *
 * <p>Implementations block, and are safe for use by several threads. They never retry.
 */
public interface Ec2Api {

  /** The instances of these that exist; an unknown id is left out rather than an error. */
  Ec2Reply<Listing<Ec2Instance>> describeInstances(Collection<String> instanceIds);

  /** Limits of the named types, or of all types of the region when none is named. */
  Ec2Reply<Listing<Ec2InstanceType>> describeInstanceTypes(Collection<String> names);

  /** Every ENI that {@code query} asks for. */
  Ec2Reply<Listing<Ec2Interface>> describeInterfaces(InterfaceQuery query);

  /** All subnets of a VPC, in every zone. */
  Ec2Reply<Listing<Ec2Subnet>> describeSubnets(String vpcId);

  /** The blocks associated with a VPC, both families; empty if there is no such VPC. */
  Ec2Reply<Optional<List<Cidr>>> describeVpcCidrs(String vpcId);

  /** Answers with the ENI as created, addresses included. */
  Ec2Reply<Ec2Interface> createInterface(NewInterface wanted);

  /** Begins to attach; answers with the attachment's id. EC2 has no token for this call. */
  Ec2Reply<String> attachInterface(
      String interfaceId, String instanceId, int deviceIndex, int networkCard);

  /** Makes EC2 delete the ENI when its instance is terminated; idempotent. */
  Ec2Reply<Ec2Reply.Nothing> deleteOnTermination(String interfaceId, String attachmentId);

  /** Begins to detach; the end shows in {@link #describeInterfaces}. */
  Ec2Reply<Ec2Reply.Nothing> detachInterface(String attachmentId);

  /** Deletes an ENI that is attached to nothing. */
  Ec2Reply<Ec2Reply.Nothing> deleteInterface(String interfaceId);

  /** Assigns {@code count} addresses of EC2's choice; answers with exactly those. */
  Ec2Reply<List<IpAddress>> assignAddresses(String interfaceId, int count);

  /** Assigns {@code count} /28 prefixes of EC2's choice; answers with exactly those. */
  Ec2Reply<List<Cidr>> assignPrefixes(String interfaceId, int count);

  /** Takes addresses (/32) and prefixes (/28) off an ENI in one call. */
  Ec2Reply<Ec2Reply.Nothing> unassignIpv4(String interfaceId, Collection<Cidr> blocks);

  /** Assigns {@code count} IPv6 addresses of EC2's choice; answers with exactly those. */
  Ec2Reply<List<IpAddress>> assignIpv6Addresses(String interfaceId, int count);

  /** Assigns {@code count} /80 prefixes of EC2's choice; answers with exactly those. */
  Ec2Reply<List<Cidr>> assignIpv6Prefixes(String interfaceId, int count);

  /** Takes IPv6 addresses (/128) and prefixes (/80) off an ENI in one call. */
  Ec2Reply<Ec2Reply.Nothing> unassignIpv6(String interfaceId, Collection<Cidr> blocks);
}
