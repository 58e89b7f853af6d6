package io.portolan.policy.status;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which conditions this node writes, and when.
 *
 * <p>GOAL: the status is right, and of n nodes that all see the same not n write it.
 *
 * <p>ALGORITHM: for each policy every node puts all nodes into the same order, by a hash of policy
 * and node. The first one writes what is to be said of the policy as such. The next few do where
 * that does not come, later and later; each sees what the others wrote before its time comes. A
 * node whose kernel refuses the policy says so unless some node does already, after a pause by its
 * place in the order; the node that is named takes it back, and those that still cannot say so
 * again. For a node that is named and no more, the first node takes it back.
 *
 * <p>Takes time as a parameter. Not thread-safe.
 */
final class StatusPlanner {
  /** Lets a policy that is being edited come to rest. */
  private static final Duration SETTLING = Duration.ofSeconds(1);

  /** Between the first nodes of the order. */
  private static final Duration SUBSTITUTE = Duration.ofSeconds(10);

  /** How many nodes write what is to be said of the policy as such. */
  private static final int SUBSTITUTES = 5;

  /** Between nodes that have a refusal to tell: longer than a write takes to be seen by others. */
  private static final Duration STEP = Duration.ofMillis(250);

  private static final Duration LONGEST = Duration.ofMinutes(1);

  /** After a write, until what came of it must have been seen; before a node counts as gone. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String node;
  private final Set<String> nodes = new HashSet<>();
  private final Map<String, ReportedPolicy> policies = new TreeMap<>();
  private SortedMap<String, String> refused = new TreeMap<>();
  private final Set<String> changed = new HashSet<>();
  private final Map<String, Pending> pending = new HashMap<>();

  /**
   * @param node this node's name
   */
  StatusPlanner(String node) {
    this.node = node;
  }

  /** What is to be written. */
  record Write(String policy, String uid, List<PolicyCondition> conditions) {}

  /** What is to be said, without times, and how long others are waited for. */
  private record Need(List<PolicyCondition> conditions, Duration pause) {}

  private record Pending(Need need, Instant due) {}

  void seen(ReportedPolicy policy) {
    if (!policy.equals(policies.put(policy.name(), policy))) {
      changed.add(policy.name());
    }
  }

  void gone(String policy) {
    policies.remove(policy);
    changed.remove(policy);
    pending.remove(policy);
  }

  void nodeSeen(String name) {
    if (nodes.add(name)) {
      changed.addAll(policies.keySet());
    }
  }

  void nodeGone(String name) {
    if (nodes.remove(name)) {
      changed.addAll(policies.keySet());
    }
  }

  /** The policies that this node's kernel refuses, with what it said. */
  void refused(SortedMap<String, String> now) {
    changed.addAll(refused.keySet());
    changed.addAll(now.keySet());
    refused = new TreeMap<>(now);
  }

  /** What is due; each is planned anew after some time, in case it does not succeed. */
  List<Write> due(Instant now) {
    for (String name : changed) {
      plan(name, now);
    }
    changed.clear();
    List<Write> writes = new ArrayList<>();
    pending.forEach((name, one) -> {
      ReportedPolicy policy = policies.get(name);
      if (policy != null && !now.isBefore(one.due())) {
        writes.add(new Write(name, policy.uid(), timed(policy, one.need().conditions(), now)));
      }
    });
    // Once more, for the case that it fails; what is seen of it changes the need.
    writes.forEach(write ->
        pending.computeIfPresent(
            write.policy(), (_, one) -> new Pending(one.need(), now.plus(PATIENCE))));
    return writes;
  }

  /** When {@link #due} has something the next time; empty if never, as things are. */
  Optional<Instant> next() {
    return pending.values().stream().map(Pending::due).min(Instant::compareTo);
  }

  private void plan(String name, Instant now) {
    ReportedPolicy policy = policies.get(name);
    Optional<Need> need = policy == null ? Optional.empty() : need(policy);
    if (need.isEmpty()) {
      pending.remove(name);
      return;
    }
    Pending before = pending.get(name);
    if (before != null && before.need().equals(need.get())) {
      return;
    }
    pending.put(name, new Pending(need.get(), now.plus(need.get().pause())));
  }

  private Optional<Need> need(ReportedPolicy policy) {
    if (!nodes.contains(node)) {
      return Optional.empty();
    }
    int place = place(policy);
    Optional<Duration> pause = Optional.empty();
    PolicyCondition accepted = policy.acceptance();
    Optional<PolicyCondition> said = policy.accepted().filter(policy::isPresent);
    if (said.isEmpty() || (place == 0 && !said.get().says(accepted))) {
      pause = speaking(place);
    } else {
      accepted = said.get();
    }
    PolicyCondition programmed = policy.noRefusal();
    Optional<PolicyCondition> reported = policy.programmed().filter(policy::isPresent);
    Optional<String> naming = policy.refusing();
    String reason = refused.get(policy.name());
    if (reason != null) {
      programmed = policy.refusal(node, reason);
      if (naming.filter(nodes::contains).isEmpty()) {
        pause = sooner(pause, atMost(STEP.multipliedBy(place)));
      } else {
        programmed = reported.orElse(programmed);
      }
    } else if (naming.isPresent()) {
      boolean isOver = naming.get().equals(node);
      if (isOver) {
        pause = sooner(pause, SETTLING);
      } else if (!nodes.contains(naming.get()) && place == 0) {
        pause = sooner(pause, PATIENCE);
      } else {
        programmed = reported.orElse(programmed);
      }
    } else if (reported.isEmpty()) {
      pause = speaking(place).map(Optional::of).orElse(pause);
    }
    List<PolicyCondition> conditions = List.of(accepted, programmed);
    return pause.map(p -> new Need(conditions, p));
  }

  private static Optional<Duration> sooner(Optional<Duration> one, Duration other) {
    return Optional.of(one.filter(d -> d.compareTo(other) < 0).orElse(other));
  }

  private static Duration atMost(Duration pause) {
    return SETTLING.plus(pause.compareTo(LONGEST) > 0 ? LONGEST : pause);
  }

  /** Empty for a node that is not among the first. */
  private static Optional<Duration> speaking(int place) {
    return place < SUBSTITUTES
        ? Optional.of(SETTLING.plus(SUBSTITUTE.multipliedBy(place)))
        : Optional.empty();
  }

  /** How many nodes come before this one in the policy's order. */
  private int place(ReportedPolicy policy) {
    long own = hash(policy.uid(), node);
    return (int) nodes.stream().filter(other -> hash(policy.uid(), other) < own).count();
  }

  /** Spreads the first places of many policies evenly over the nodes (splitmix64's finalizer). */
  private static long hash(String policy, String name) {
    long z = ((long) policy.hashCode() << 32) ^ name.hashCode() ^ 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** A condition keeps its time unless it comes to hold, or not to. */
  private static List<PolicyCondition> timed(
      ReportedPolicy policy, List<PolicyCondition> conditions, Instant now) {
    List<PolicyCondition> timed = new ArrayList<>();
    for (PolicyCondition one : conditions) {
      Optional<PolicyCondition> before =
          switch (one.type()) {
            case ACCEPTED -> policy.accepted();
            case PROGRAMMED -> policy.programmed();
          };
      String since =
          before
              .filter(old -> old.holds() == one.holds() && !old.since().isEmpty())
              .map(PolicyCondition::since)
              .orElse(now.truncatedTo(ChronoUnit.SECONDS).toString());
      timed.add(
          new PolicyCondition(
              one.type(),
              one.holds(),
              one.reason(),
              one.message(),
              one.generation(),
              Objects.requireNonNull(since)));
    }
    return List.copyOf(timed);
  }
}
