package io.portolan.policy.model;

import java.util.Comparator;

/**
 * A stage of evaluation. The tiers that hold a policy for a pod are asked in order; each decides or
 * passes on.
 *
 * @param order lower is asked first; ties by name
 * @param end what happens to a connection no rule of the tier matched
 */
public record Tier(String name, int order, End end) implements Comparable<Tier> {
  private static final Comparator<Tier> ORDER =
      Comparator.comparingInt(Tier::order).thenComparing(Tier::name);

  /**
   * Where every Kubernetes NetworkPolicy lives: isolates what it selects, at the place Calico's
   * default tier has.
   */
  public static final Tier NETWORK_POLICY = new Tier("networkpolicy", 1_000_000, End.DENY);

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
