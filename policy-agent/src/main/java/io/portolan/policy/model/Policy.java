package io.portolan.policy.model;

import io.portolan.common.select.PodQuery;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * One policy, whatever API it came from.
 *
 * @param tier name of the stage it belongs to; one that does not exist enforces nothing
 * @param order among the policies of its tier, lower first; ties by name, namespace and kind;
 *     {@link #LAST} for none
 * @param subject the pods it applies to
 * @param directions where it applies; a direction without rules leaves all to the end of the tier
 * @param egress rules in the order they are asked, used if {@code directions} says so
 * @param ingress likewise
 * @param reach what of host endpoints' traffic it is about
 * @param problems what could not be understood and therefore allows nothing
 */
public record Policy(
    PolicyId id,
    String tier,
    double order,
    PodQuery subject,
    Set<Direction> directions,
    List<PolicyRule> egress,
    List<PolicyRule> ingress,
    Reach reach,
    List<String> problems) {

  /** What of the traffic at host endpoints a policy is about. */
  public enum Reach {
    /** What begins or ends at the node itself. Pods' traffic is meant by this and the next. */
    LOCAL,

    /** That, and what the node forwards ({@code applyOnForward}). */
    FORWARDED,

    /**
     * Everything that comes in, as it was addressed before any destination NAT ({@code preDNAT}).
     */
    PRE_DNAT,

    /** Single packets, apart from connection tracking ({@code doNotTrack}). */
    UNTRACKED;

    /** Whether pods are meant, too. */
    public boolean includesPods() {
      return this == LOCAL || this == FORWARDED;
    }
  }

  /** After all policies that say where they stand. */
  public static final double LAST = Double.POSITIVE_INFINITY;

  /** How the policies of one tier are asked. */
  public static final Comparator<Policy> IN_TIER =
      Comparator.comparingDouble(Policy::order)
          .thenComparing(policy -> policy.id().name() + "/" + policy.id().namespace())
          .thenComparing(policy -> policy.id().kind());

  public Policy {
    directions = Set.copyOf(directions);
    egress = List.copyOf(egress);
    ingress = List.copyOf(ingress);
    problems = List.copyOf(problems);
  }

  /**
   * What is in force of it where its rules cannot be: it selects what it did and allows nothing. A
   * direction that only allows has no rules any more and leaves all to other policies and to the
   * end of the tier. One that denies or passes denies everything, as it is not known what else it
   * would have kept from the rules behind it.
   */
  public Policy closed() {
    return new Policy(
        id, tier, order, subject, directions, closed(egress), closed(ingress), reach, problems);
  }

  private static List<PolicyRule> closed(List<PolicyRule> rules) {
    boolean onlyAllows =
        rules.stream()
            .allMatch(rule -> rule.action() == Action.ALLOW || rule.action() == Action.LOG);
    return onlyAllows ? List.of() : List.of(new PolicyRule(Action.DENY, List.of()));
  }

  /** Of {@link Reach#LOCAL}. */
  public Policy(
      PolicyId id,
      String tier,
      double order,
      PodQuery subject,
      Set<Direction> directions,
      List<PolicyRule> egress,
      List<PolicyRule> ingress,
      List<String> problems) {
    this(id, tier, order, subject, directions, egress, ingress, Reach.LOCAL, problems);
  }

  public List<PolicyRule> rules(Direction direction) {
    return switch (direction) {
      case EGRESS -> egress;
      case INGRESS -> ingress;
    };
  }
}
