package io.portolan.calico.routing;

import java.util.List;
import java.util.OptionalInt;

/**
 * What a node's routing is to be.
 *
 * @param podMtu of pod interfaces in bytes: the least that fits into every tunnel in use; empty
 *     while no uplink is known
 */
public record RoutingPlan(RoutingState state, List<RoutingProblem> problems, OptionalInt podMtu) {
  public RoutingPlan {
    problems = List.copyOf(problems);
  }
}
