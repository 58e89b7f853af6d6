package io.portolan.aws.limits;

import io.portolan.aws.ec2.Ec2Api;
import io.portolan.aws.ec2.Ec2InstanceType;
import io.portolan.aws.ec2.Ec2Reply;
import io.portolan.aws.ec2.Listing;
import io.portolan.common.cloud.InstanceLimits;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits by instance type. What EC2 said once is kept for good, because a type never changes; what
 * only the bundled table says is used meanwhile and EC2 is asked again later.
 *
 * <p>Pods live on the ENIs of network card 0: further cards serve EFA and pods with several
 * interfaces, and AWS's own pod limits ({@code ENIs * (addresses - 1) + 2}) count card 0 alone.
 */
public final class InstanceTypeCatalog {
  private static final Logger log = LoggerFactory.getLogger(InstanceTypeCatalog.class);

  /** How long EC2 is not asked again about a type it did not answer for. */
  static final Duration ASK_AGAIN = Duration.ofHours(1);

  /** EC2 assigns IPv4 prefixes of this length only (EC2 user guide, "Prefix delegation"). */
  private static final int PREFIX_LENGTH = 28;

  private final Ec2Api ec2;
  private final InstanceLimitsTable fallback;
  private final InstantSource clock;
  private final Map<String, Ec2InstanceType> confirmed = new ConcurrentHashMap<>();
  private final Map<String, Instant> unanswered = new ConcurrentHashMap<>();

  public InstanceTypeCatalog(Ec2Api ec2, InstanceLimitsTable fallback, InstantSource clock) {
    this.ec2 = ec2;
    this.fallback = fallback;
    this.clock = clock;
  }

  /**
   * Makes the limits of these types known, asking EC2 about new ones in one call.
   *
   * @return how many requests it took
   */
  public int learn(Collection<String> names) {
    SortedSet<String> unknown = new TreeSet<>();
    Instant now = clock.instant();
    for (String name : names) {
      Instant asked = unanswered.getOrDefault(name, Instant.MIN);
      if (!confirmed.containsKey(name) && asked.isBefore(now.minus(ASK_AGAIN))) {
        unknown.add(name);
      }
    }
    if (unknown.isEmpty()) {
      return 0;
    }
    return switch (ec2.describeInstanceTypes(unknown)) {
      case Ec2Reply.Done<Listing<Ec2InstanceType>>(Listing<Ec2InstanceType> listing) -> {
        listing.items().forEach(type -> confirmed.put(type.name(), type));
        unknown.removeIf(confirmed::containsKey);
        unknown.forEach(name -> remember(name, now, "EC2 does not list it"));
        yield listing.requests();
      }
      case Ec2Reply.Failed<Listing<Ec2InstanceType>> failed -> {
        unknown.forEach(name -> remember(name, now, failed.error().toString()));
        yield 1;
      }
    };
  }

  private void remember(String name, Instant now, String why) {
    unanswered.put(name, now);
    if (fallback.find(name).isPresent()) {
      log.warn("limits of {} are taken from the bundled table: {}", name, why);
    } else {
      log.error("limits of {} are unknown, its nodes get no addresses: {}", name, why);
    }
  }

  /** The limits of a type, from EC2 or else from the table; empty for a type neither knows. */
  public Optional<InstanceLimits> limits(String name) {
    return Optional.ofNullable(confirmed.get(name))
        .or(() -> fallback.find(name))
        .map(InstanceTypeCatalog::limits);
  }

  private static InstanceLimits limits(Ec2InstanceType type) {
    return new InstanceLimits(
        1,
        Math.max(1, type.eniPerCard().getFirst()),
        type.ipv4PerEni() - 1,
        type.prefixes(),
        PREFIX_LENGTH,
        Integer.MAX_VALUE);
  }
}
