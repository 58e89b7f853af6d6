package io.portolan.policy.model;

import io.portolan.policy.select.PodQuery;
import java.util.List;
import java.util.Set;

/**
 * One policy, whatever API it came from.
 *
 * @param subject the pods it applies to
 * @param directions where it applies; a direction with no rules denies all
 * @param egress rules, used if {@code directions} says so
 * @param ingress rules, used if {@code directions} says so
 * @param problems what could not be understood and therefore allows nothing
 */
public record Policy(
    PolicyId id,
    Tier tier,
    PodQuery subject,
    Set<Direction> directions,
    List<PolicyRule> egress,
    List<PolicyRule> ingress,
    List<String> problems) {
  public Policy {
    directions = Set.copyOf(directions);
    egress = List.copyOf(egress);
    ingress = List.copyOf(ingress);
    problems = List.copyOf(problems);
  }

  public List<PolicyRule> rules(Direction direction) {
    return switch (direction) {
      case EGRESS -> egress;
      case INGRESS -> ingress;
    };
  }
}
