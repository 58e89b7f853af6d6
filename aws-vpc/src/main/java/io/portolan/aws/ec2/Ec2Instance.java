package io.portolan.aws.ec2;

import io.portolan.common.net.IpAddress;
import java.util.List;
import java.util.Optional;

/**
 * A machine, as DescribeInstances shows it.
 *
 * @param id such as {@code i-0123456789abcdef0}
 * @param type such as {@code m5.large}
 * @param state its place in the life cycle
 * @param zone the availability zone, such as {@code eu-central-1a}
 * @param vpcId absent once terminated
 * @param subnetId the primary ENI's subnet; absent once terminated
 * @param primaryAddress the primary ENI's own address; absent once terminated
 * @param securityGroupIds the primary ENI's groups
 */
public record Ec2Instance(
    String id,
    String type,
    State state,
    String zone,
    Optional<String> vpcId,
    Optional<String> subnetId,
    Optional<IpAddress> primaryAddress,
    List<String> securityGroupIds) {

  /** The life cycle of an instance (EC2 user guide, "Instance lifecycle"). */
  public enum State {
    PENDING,
    RUNNING,
    STOPPING,
    STOPPED,
    SHUTTING_DOWN,
    TERMINATED,
    UNKNOWN
  }

  public Ec2Instance {
    securityGroupIds = List.copyOf(securityGroupIds);
  }
}
