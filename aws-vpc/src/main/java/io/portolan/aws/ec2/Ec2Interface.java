package io.portolan.aws.ec2;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An ENI, as DescribeNetworkInterfaces shows it.
 *
 * @param id such as {@code eni-0123456789abcdef0}
 * @param vpcId the VPC
 * @param subnetId the subnet
 * @param zone the subnet's availability zone
 * @param status {@code AVAILABLE} when attached to nothing
 * @param type {@code interface} for the ENIs that may carry pods; others are trunks, load
 *     balancers, EFA
 * @param mac its Ethernet address
 * @param primaryAddress its own IPv4 address; absent on an IPv6-only ENI
 * @param secondaryAddresses IPv4 and IPv6 addresses beside the primary, sorted
 * @param prefixes /28 and /80 blocks, sorted
 * @param securityGroupIds its groups
 * @param attachment where it is attached, if it is
 * @param tags sorted by key
 */
public record Ec2Interface(
    String id,
    String vpcId,
    String subnetId,
    String zone,
    Status status,
    String type,
    MacAddress mac,
    Optional<IpAddress> primaryAddress,
    List<IpAddress> secondaryAddresses,
    List<Cidr> prefixes,
    List<String> securityGroupIds,
    Optional<Attachment> attachment,
    Map<String, String> tags) {

  /** The state of an ENI. */
  public enum Status {
    AVAILABLE,
    ASSOCIATED,
    ATTACHING,
    IN_USE,
    DETACHING,
    PENDING,
    UNKNOWN
  }

  /**
   * @param id what DetachNetworkInterface wants
   * @param state where attaching or detaching is; the ENI's own status lags behind it
   * @param instanceId absent when attached to something of AWS that is no instance
   * @param deviceIndex 0 for the primary ENI
   * @param networkCard the card on machines with several
   * @param deleteOnTermination whether EC2 deletes the ENI with the instance
   * @param attachedAt when, by EC2's clock
   */
  public record Attachment(
      String id,
      State state,
      Optional<String> instanceId,
      int deviceIndex,
      int networkCard,
      boolean deleteOnTermination,
      Optional<Instant> attachedAt) {

    /** The state of an attachment. */
    public enum State {
      ATTACHING,
      ATTACHED,
      DETACHING,
      DETACHED,
      UNKNOWN
    }
  }

  public Ec2Interface {
    secondaryAddresses = secondaryAddresses.stream().sorted().toList();
    prefixes = prefixes.stream().sorted().toList();
    securityGroupIds = List.copyOf(securityGroupIds);
    tags = Collections.unmodifiableMap(new TreeMap<>(tags));
  }

  /** The instance it is attached to, attaching to or detaching from. */
  public Optional<String> instanceId() {
    return attachment.flatMap(Attachment::instanceId);
  }
}
