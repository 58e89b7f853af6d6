package io.portolan.common.pool;

import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.net.Cidr;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A plan being written; lives for one call of the planner. */
final class PlanDraft {
  final List<PoolAction> actions = new ArrayList<>();
  final List<String> explanation = new ArrayList<>();
  private Optional<Instant> wakeAt = Optional.empty();

  /** An interface that attaches or detaches for longer than that normally takes. */
  private Optional<String> stuck = Optional.empty();

  /** Why not everything that is needed can be had; the first reason given counts. */
  private Optional<PoolCondition> shortage = Optional.empty();

  void cloud(CloudAction action, String why) {
    actions.add(new PoolAction.InCloud(action));
    explanation.add(why);
  }

  void mark(List<Cidr> cidrs, String why) {
    actions.add(new PoolAction.MarkForRelease(cidrs));
    explanation.add("ask back " + text(cidrs) + ": " + why);
  }

  void explain(String line) {
    explanation.add(line);
  }

  void shortage(String reason, String message) {
    if (shortage.isEmpty()) {
      shortage =
          Optional.of(new PoolCondition(PoolCondition.ADDRESSES_AVAILABLE, false, reason, message));
    }
    explanation.add(message);
  }

  void stuck(String line) {
    stuck = stuck.or(() -> Optional.of(line));
    explanation.add(line);
  }

  Optional<String> stuck() {
    return stuck;
  }

  /** Whether the plan adds addresses to this interface. */
  boolean fills(InterfaceId id) {
    for (PoolAction action : actions) {
      if (action instanceof PoolAction.InCloud(CloudAction.AssignAddresses assign)
          && assign.interfaceId().equals(id)) {
        return true;
      }
      if (action instanceof PoolAction.InCloud(CloudAction.AssignPrefixes assign)
          && assign.interfaceId().equals(id)) {
        return true;
      }
    }
    return false;
  }

  Optional<PoolCondition> shortage() {
    return shortage;
  }

  void wakeAt(Instant when) {
    wakeAt = wakeAt.filter(w -> !when.isBefore(w)).or(() -> Optional.of(when));
  }

  Optional<Instant> wakeAt() {
    return wakeAt;
  }

  /** "10.0.0.4/32" or "3 (10.0.0.4/32 to 10.0.0.9/32)". */
  static String text(List<Cidr> cidrs) {
    List<Cidr> sorted = cidrs.stream().sorted().toList();
    return sorted.size() == 1
        ? sorted.getFirst().toString()
        : sorted.size() + " (" + sorted.getFirst() + " to " + sorted.getLast() + ")";
  }
}
