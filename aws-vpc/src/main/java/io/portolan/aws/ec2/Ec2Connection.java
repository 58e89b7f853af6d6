package io.portolan.aws.ec2;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * How to reach EC2.
 *
 * @param region such as {@code eu-central-1}; empty: AWS_REGION, the profile file or the instance's
 *     metadata say
 * @param endpoint instead of the region's public endpoint: an interface VPC endpoint or a simulator
 * @param attemptTimeout the longest one request may take; after it the reply counts as lost
 */
public record Ec2Connection(
    Optional<String> region, Optional<URI> endpoint, Duration attemptTimeout) {
  /** Long enough for the slowest page of a large listing. */
  public static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(20);

  public Ec2Connection {
    endpoint.ifPresent(uri -> {
      boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      if (!web || uri.getHost() == null) {
        throw new IllegalArgumentException(
            "endpoint '" + uri + "' is not a URL such as https://ec2.eu-central-1.amazonaws.com");
      }
    });
  }
}
