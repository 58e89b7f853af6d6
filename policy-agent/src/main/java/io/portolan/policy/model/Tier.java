package io.portolan.policy.model;

import java.util.Comparator;
import java.util.List;

/**
 * A stage of evaluation. The tiers that hold a policy for a pod are asked in order; each decides or
 * passes on; after the last one everything passes.
 *
 * @param order lower is asked first; ties by name
 * @param end what happens to a connection no rule of the tier decided on
 */
public record Tier(String name, double order, End end) implements Comparable<Tier> {
  private static final Comparator<Tier> ORDER =
      Comparator.comparingDouble(Tier::order).thenComparing(Tier::name);

  /** Where ClusterNetworkPolicy of the Admin tier stands. */
  public static final Tier ADMIN = new Tier("kube-admin", 1_000, End.PASS);

  /** Where Kubernetes NetworkPolicy, and Calico policy that names no tier, stand. */
  public static final Tier DEFAULT = new Tier("default", 1_000_000, End.DENY);

  /** Where ClusterNetworkPolicy of the Baseline tier stands. */
  public static final Tier BASELINE = new Tier("kube-baseline", 10_000_000, End.PASS);

  /** Those that exist without an object. */
  public static final List<Tier> STATIC = List.of(ADMIN, DEFAULT, BASELINE);

  /** The verdict at the end of a tier. */
  public enum End {
    DENY,
    PASS
  }

  @Override
  public int compareTo(Tier other) {
    return ORDER.compare(this, other);
  }
}
