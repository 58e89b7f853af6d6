package io.portolan.aws.ec2;

import java.util.List;

/**
 * The network limits of an instance type, as DescribeInstanceTypes gives them.
 *
 * @param name such as {@code m5.large}
 * @param ipv4PerEni IPv4 slots of one ENI, the primary address included; a /28 prefix takes one
 * @param eniPerCard the most ENIs of each network card, card 0 first
 * @param prefixes whether its ENIs may hold prefixes (Nitro and bare metal only)
 */
public record Ec2InstanceType(
    String name, int ipv4PerEni, List<Integer> eniPerCard, boolean prefixes) {
  public Ec2InstanceType {
    eniPerCard = List.copyOf(eniPerCard);
    if (eniPerCard.isEmpty() || ipv4PerEni < 1 || eniPerCard.stream().anyMatch(n -> n < 0)) {
      throw new IllegalArgumentException(
          name + ": an instance type has at least one network card and one address per ENI");
    }
  }
}
