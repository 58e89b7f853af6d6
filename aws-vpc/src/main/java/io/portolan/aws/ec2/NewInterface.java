package io.portolan.aws.ec2;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An ENI to be created, complete in one call so that no crash leaves one without its tags.
 *
 * @param clientToken names the intent: the same token creates nothing twice (at most 64 ASCII
 *     characters; EC2 user guide, "Ensuring idempotency")
 * @param subnetId where
 * @param securityGroupIds its groups; empty: the VPC's default group
 * @param description for people in the AWS console
 * @param tags set by the creation call itself
 * @param addresses secondary IPv4 addresses wanted at once; 0 if {@code prefixes} is not
 * @param prefixes /28 prefixes wanted at once; 0 if {@code addresses} is not
 */
public record NewInterface(
    String clientToken,
    String subnetId,
    List<String> securityGroupIds,
    String description,
    Map<String, String> tags,
    int addresses,
    int prefixes) {
  public NewInterface {
    if (clientToken.isEmpty() || clientToken.length() > 64) {
      throw new IllegalArgumentException("clientToken has 1 to 64 characters");
    }
    if (addresses < 0 || prefixes < 0 || (addresses > 0 && prefixes > 0)) {
      throw new IllegalArgumentException(
          "an ENI is created with addresses or with prefixes, not both: "
              + addresses
              + ", "
              + prefixes);
    }
    securityGroupIds = List.copyOf(securityGroupIds);
    tags = Collections.unmodifiableMap(new TreeMap<>(tags));
  }
}
