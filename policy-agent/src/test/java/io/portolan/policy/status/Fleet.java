package io.portolan.policy.status;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Many nodes that see the same objects, some time after they change; in virtual time. */
final class Fleet {
  private static final Duration STEP = Duration.ofMillis(50);

  /** How long the API server takes to tell nodes of a change. */
  private static final Duration LATENCY = Duration.ofMillis(200);

  private final Map<String, StatusPlanner> nodes = new TreeMap<>();
  private final Set<String> dead = new HashSet<>();
  private final Map<String, ReportedPolicy> policies = new TreeMap<>();
  private final List<Delivery> deliveries = new ArrayList<>();
  private final Map<String, Integer> writes = new TreeMap<>();
  private Instant now = Instant.parse("2026-07-01T12:00:00Z");

  private record Delivery(Instant at, ReportedPolicy policy) {}

  Fleet(int size) {
    for (int i = 0; i < size; i++) {
      nodes.put("node-" + i, new StatusPlanner("node-" + i));
    }
    for (StatusPlanner planner : nodes.values()) {
      nodes.keySet().forEach(planner::nodeSeen);
    }
  }

  /** Somebody writes the spec. */
  void apply(String name, long generation, List<String> problems) {
    Optional<ReportedPolicy> old = Optional.ofNullable(policies.get(name));
    put(
        new ReportedPolicy(
            name,
            "uid-" + name,
            generation,
            problems,
            true,
            old.flatMap(ReportedPolicy::accepted),
            old.flatMap(ReportedPolicy::programmed)));
  }

  private void put(ReportedPolicy policy) {
    policies.put(policy.name(), policy);
    deliveries.add(new Delivery(now.plus(LATENCY), policy));
  }

  /** The kernels of these nodes refuse just these policies now. */
  void refuse(List<String> who, String... names) {
    TreeMap<String, String> reasons = new TreeMap<>();
    List.of(names).forEach(name -> reasons.put(name, "No space."));
    who.forEach(node -> planner(node).refused(reasons));
  }

  /** They take no part any more, though their objects stay. */
  void stop(List<String> who) {
    dead.addAll(who);
  }

  /** Their objects are gone, too. */
  void remove(String node) {
    dead.add(node);
    nodes.values().forEach(planner -> planner.nodeGone(node));
  }

  List<String> nodes() {
    return List.copyOf(nodes.keySet());
  }

  private StatusPlanner planner(String node) {
    return Objects.requireNonNull(nodes.get(node));
  }

  void run(Duration time) {
    Instant end = now.plus(time);
    while (now.isBefore(end)) {
      now = now.plus(STEP);
      deliveries.removeIf(delivery -> {
        boolean isDue = !now.isBefore(delivery.at());
        if (isDue) {
          nodes.values().forEach(planner -> planner.seen(delivery.policy()));
        }
        return isDue;
      });
      nodes.forEach((node, planner) -> {
        if (!dead.contains(node)) {
          planner.due(now).forEach(write -> write(node, write));
        }
      });
    }
  }

  private void write(String node, StatusPlanner.Write write) {
    writes.merge(node, 1, Integer::sum);
    ReportedPolicy old = Objects.requireNonNull(policies.get(write.policy()));
    put(
        new ReportedPolicy(
            old.name(),
            old.uid(),
            old.generation(),
            old.problems(),
            old.enforced(),
            Optional.of(write.conditions().getFirst()),
            Optional.of(write.conditions().getLast())));
  }

  /** Who wrote since the last call, and how often. */
  Map<String, Integer> writes() {
    Map<String, Integer> since = new TreeMap<>(writes);
    writes.clear();
    return since;
  }

  int count() {
    return writes().values().stream().mapToInt(n -> n).sum();
  }

  /** Which node the status names as one that cannot. */
  Optional<String> refusing(String policy) {
    return Objects.requireNonNull(policies.get(policy)).refusing();
  }

  /** The conditions, one a line. */
  String status(String policy) {
    ReportedPolicy known = Objects.requireNonNull(policies.get(policy));
    StringBuilder text = new StringBuilder();
    List.of(known.accepted(), known.programmed())
        .forEach(
            condition -> text.append(condition.map(Object::toString).orElse("none")).append('\n'));
    return text.toString().replaceAll("PolicyCondition.type=([A-Z]+), holds=", "$1 ");
  }
}
