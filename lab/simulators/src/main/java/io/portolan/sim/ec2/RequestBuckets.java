package io.portolan.sim.ec2;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The token buckets EC2 holds per operation, account and region (EC2 developer guide, "Request
 * throttling for the Amazon EC2 API"). Owned by one thread at a time.
 *
 * <p>A bucket starts full; each request takes a token; tokens come back at a constant rate. Not
 * modelled: resource token buckets, such as RunInstances' per instance.
 */
final class RequestBuckets {
  /**
   * @param capacity tokens in a full bucket
   * @param refill tokens per second
   */
  record Limit(double capacity, double refill) {}

  private static final Limit READ = new Limit(100, 20);
  private static final Limit UNFILTERED = new Limit(50, 10);
  private static final Limit MUTATING = new Limit(50, 5);

  private static final Set<String> LIMITED_UNFILTERED =
      Set.of("DescribeInstances", "DescribeNetworkInterfaces", "DescribeSecurityGroups");

  private static final Map<String, Limit> OWN =
      Map.ofEntries(
          Map.entry("CreateNetworkInterface", new Limit(100, 5)),
          Map.entry("DeleteNetworkInterface", new Limit(100, 5)),
          Map.entry("ModifyNetworkInterfaceAttribute", new Limit(100, 5)),
          Map.entry("AssignPrivateIpAddresses", new Limit(100, 5)),
          Map.entry("UnassignPrivateIpAddresses", new Limit(100, 5)),
          Map.entry("AssignIpv6Addresses", new Limit(100, 5)),
          Map.entry("CreateTags", new Limit(100, 10)),
          Map.entry("DeleteTags", new Limit(100, 10)),
          Map.entry("TerminateInstances", new Limit(100, 5)),
          Map.entry("RunInstances", new Limit(5, 2)),
          Map.entry("CreateSubnetCidrReservation", new Limit(5, 1)));

  private record Bucket(double tokens, Instant at) {}

  private final Map<String, Bucket> buckets = new HashMap<>();

  /**
   * Takes a token for a request.
   *
   * @param narrowed whether the request filters, pages or names ids
   * @return false if there is none
   */
  boolean take(String action, boolean narrowed, Instant now) {
    boolean unfiltered = LIMITED_UNFILTERED.contains(action) && !narrowed;
    Limit limit = limit(action, unfiltered);
    String key = unfiltered ? action + " unfiltered" : action;
    Bucket bucket = buckets.getOrDefault(key, new Bucket(limit.capacity, now));
    double seconds = Duration.between(bucket.at, now).toNanos() / 1e9;
    double tokens = Math.min(limit.capacity, bucket.tokens + seconds * limit.refill);
    boolean enough = tokens >= 1;
    buckets.put(key, new Bucket(enough ? tokens - 1 : tokens, now));
    return enough;
  }

  static Limit limit(String action, boolean unfiltered) {
    if (action.startsWith("Describe") || action.startsWith("Get")) {
      return unfiltered ? UNFILTERED : READ;
    }
    return OWN.getOrDefault(action, MUTATING);
  }
}
