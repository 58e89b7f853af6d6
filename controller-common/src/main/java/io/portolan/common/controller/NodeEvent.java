package io.portolan.common.controller;

import io.portolan.common.pool.PoolCondition;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an administrator should see in {@code kubectl describe node}. Derived from the change of the
 * conditions, so that a state that lasts is told once. Pure.
 *
 * @param warning whether it needs a person
 * @param reason of the condition; {@code Recovered} when nothing needs a person any more
 */
public record NodeEvent(boolean warning, String reason, String message) {
  /** Reasons that time alone does not heal. */
  private static final Set<String> ALARMING =
      Set.of(
          "SubnetExhausted",
          "SubnetFragmented",
          "SubnetNotFound",
          "NoSubnetInZone",
          "NoSubnet",
          "NodeFull",
          "MachineFull",
          "InterfaceStuck",
          "QuotaExceeded",
          "CloudPermissionDenied",
          "CloudCredentialsRejected",
          "CloudRequestInvalid");

  /** What the step from one list of conditions to the next is worth telling. */
  static List<NodeEvent> of(List<PoolCondition> before, List<PoolCondition> after) {
    Set<String> known = alarms(before);
    Set<String> told = new TreeSet<>();
    List<NodeEvent> events = new ArrayList<>();
    for (PoolCondition condition : after) {
      if (alarming(condition)
          && !known.contains(condition.reason())
          && told.add(condition.reason())) {
        events.add(new NodeEvent(true, condition.reason(), condition.message()));
      }
    }
    // Without that condition nothing was planned, so nothing is known to be over.
    boolean planned =
        after.stream().anyMatch(c -> c.type().equals(PoolCondition.ADDRESSES_AVAILABLE));
    if (planned && !known.isEmpty() && alarms(after).isEmpty()) {
      events.add(new NodeEvent(false, "Recovered", "no longer " + String.join(", ", known)));
    }
    return events;
  }

  private static Set<String> alarms(List<PoolCondition> conditions) {
    Set<String> reasons = new TreeSet<>();
    conditions.stream().filter(NodeEvent::alarming).forEach(c -> reasons.add(c.reason()));
    return reasons;
  }

  private static boolean alarming(PoolCondition condition) {
    boolean bad = condition.holds() == condition.type().equals(PoolCondition.DEGRADED);
    return bad && ALARMING.contains(condition.reason());
  }
}
