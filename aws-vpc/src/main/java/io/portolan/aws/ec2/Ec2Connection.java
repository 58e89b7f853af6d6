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
  /**
   * Long enough for a large page of a listing, and short enough that a change sent under a lease
   * has ended before the next holder of the lease trusts a reading.
   */
  public static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(10);

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
