package io.portolan.common.pool;

import io.portolan.common.cloud.SubnetId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which subnets lately refused, known to all nodes: what one node has learned another need not ask.
 *
 * @param addresses refusals of single addresses
 * @param prefixes refusals of whole blocks
 */
public record SubnetTroubles(
    SortedMap<SubnetId, Refusal> addresses, SortedMap<SubnetId, Refusal> prefixes) {
  public static final SubnetTroubles NONE = new SubnetTroubles(new TreeMap<>(), new TreeMap<>());

  /**
   * @param at when the cloud refused
   * @param atMost how many may be asked for at once in spite of it: half of what was refused, so a
   *     subnet's last addresses are found in a few calls; 0 once a single one was refused
   */
  public record Refusal(Instant at, int atMost) {}

  public SubnetTroubles {
    addresses = Collections.unmodifiableSortedMap(new TreeMap<>(addresses));
    prefixes = Collections.unmodifiableSortedMap(new TreeMap<>(prefixes));
  }

  /** The same with {@code asked} units refused now. */
  public SubnetTroubles refused(SubnetId subnet, boolean wholePrefixes, int asked, Instant now) {
    SortedMap<SubnetId, Refusal> changed = new TreeMap<>(wholePrefixes ? prefixes : addresses);
    changed.put(subnet, new Refusal(now, asked / 2));
    return wholePrefixes
        ? new SubnetTroubles(addresses, changed)
        : new SubnetTroubles(changed, prefixes);
  }

  /** Both, the later refusal of each subnet. */
  public SubnetTroubles merge(SubnetTroubles other) {
    return new SubnetTroubles(later(addresses, other.addresses), later(prefixes, other.prefixes));
  }

  private static SortedMap<SubnetId, Refusal> later(
      Map<SubnetId, Refusal> some, Map<SubnetId, Refusal> others) {
    TreeMap<SubnetId, Refusal> merged = new TreeMap<>(some);
    others.forEach((subnet, refusal) ->
        merged.merge(subnet, refusal, (a, b) -> b.at().isAfter(a.at()) ? b : a));
    return merged;
  }

  /** The same without what is too old to matter. */
  public SubnetTroubles current(PoolTargets targets, Instant now) {
    return new SubnetTroubles(
        younger(addresses, targets.exhaustedRetry(), now),
        younger(prefixes, targets.fragmentedRetry(), now));
  }

  /** How many units may be asked of the subnet at once. */
  int atMost(SubnetId subnet, boolean wholePrefixes) {
    Refusal refusal = (wholePrefixes ? prefixes : addresses).get(subnet);
    return refusal == null ? Integer.MAX_VALUE : refusal.atMost();
  }

  /** Subnets that have nothing at all to give. */
  SortedSet<SubnetId> exhausted() {
    SortedSet<SubnetId> empty = new TreeSet<>();
    addresses.forEach((subnet, refusal) -> {
      if (refusal.atMost() == 0) {
        empty.add(subnet);
      }
    });
    return empty;
  }

  /** When the first refusal is too old to matter. */
  Optional<Instant> nextRetry(PoolTargets targets) {
    Instant next = Instant.MAX;
    for (Refusal refusal : addresses.values()) {
      next = earlier(next, refusal.at().plus(targets.exhaustedRetry()));
    }
    for (Refusal refusal : prefixes.values()) {
      next = earlier(next, refusal.at().plus(targets.fragmentedRetry()));
    }
    return next.equals(Instant.MAX) ? Optional.empty() : Optional.of(next);
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private static SortedMap<SubnetId, Refusal> younger(
      Map<SubnetId, Refusal> refusals, Duration age, Instant now) {
    SortedMap<SubnetId, Refusal> kept = new TreeMap<>();
    refusals.forEach((subnet, refusal) -> {
      if (refusal.at().plus(age).isAfter(now)) {
        kept.put(subnet, refusal);
      }
    });
    return kept;
  }
}
