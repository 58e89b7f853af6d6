package io.portolan.aws;

import io.portolan.common.cloud.InstanceId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code Node.spec.providerID} as the AWS cloud provider writes it: {@code
 * aws:///eu-central-1a/i-0123456789abcdef0}, on old clusters without the zone.
 */
final class AwsProviderId {
  private static final Pattern FORM =
      Pattern.compile("aws://(?:/[a-z0-9-]*)?/(i-[0-9a-f]{8}(?:[0-9a-f]{9})?)");

  private AwsProviderId() {}

  /**
   * The instance behind a node; empty for nodes that are no EC2 instances (Fargate, on-premises).
   */
  static Optional<InstanceId> instance(String providerId) {
    Matcher matcher = FORM.matcher(providerId);
    return matcher.matches() ? Optional.of(new InstanceId(matcher.group(1))) : Optional.empty();
  }
}
