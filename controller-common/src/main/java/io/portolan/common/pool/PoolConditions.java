package io.portolan.common.pool;

import io.portolan.common.cloud.ObservedMachine;
import java.util.List;
import java.util.Optional;

/** What a plan has to tell, derived from it and never typed by hand elsewhere. */
final class PoolConditions {
  private PoolConditions() {}

  static List<PoolCondition> of(
      NodePoolState state, ObservedMachine machine, PoolPlan.Counts counts, PlanDraft draft) {
    PoolCondition ready =
        state
            .memory()
            .pause()
            .map(
                p -> condition(PoolCondition.READY, false, p.fault().reason(), p.fault().message()))
            .orElse(
                condition(PoolCondition.READY, true, "Supplied", counts.supply() + " addresses"));
    return List.of(
        ready,
        available(counts, draft, state.targets().prefixes()),
        degraded(state, machine, draft));
  }

  static List<PoolCondition> standing(PoolPlan.Counts counts, String reason, String message) {
    boolean enough = counts.deficit() == 0;
    return List.of(
        condition(PoolCondition.READY, false, reason, message),
        condition(PoolCondition.ADDRESSES_AVAILABLE, enough, enough ? "Enough" : reason, message),
        condition(PoolCondition.DEGRADED, false, "Normal", "nothing is wrong"));
  }

  private static PoolCondition available(
      PoolPlan.Counts counts, PlanDraft draft, boolean prefixes) {
    if (counts.deficit() == 0) {
      return condition(
          PoolCondition.ADDRESSES_AVAILABLE,
          true,
          "Enough",
          counts.supply() + " addresses for " + counts.demand() + " pods");
    }
    Optional<PoolCondition> shortage = draft.shortage();
    if (shortage.isPresent()) {
      return shortage.get();
    }
    if (counts.target() < counts.demand()) {
      return condition(
          PoolCondition.ADDRESSES_AVAILABLE,
          false,
          "NodeFull",
          counts.demand()
              + " pods need an address and the node can hold "
              + counts.capacity()
              + "; lower its max pods, use a larger machine"
              + (prefixes ? "" : ", or whole blocks if its type can have them"));
    }
    return condition(
        PoolCondition.ADDRESSES_AVAILABLE,
        false,
        "Assigning",
        counts.deficit() + " more addresses are on their way");
  }

  private static PoolCondition degraded(
      NodePoolState state, ObservedMachine machine, PlanDraft draft) {
    if (state.memory().pause().isPresent()) {
      PoolMemory.Pause pause = state.memory().pause().get();
      return condition(
          PoolCondition.DEGRADED, true, pause.fault().reason(), pause.fault().message());
    }
    Optional<String> stuck = draft.stuck();
    if (stuck.isPresent()) {
      return condition(PoolCondition.DEGRADED, true, "InterfaceStuck", stuck.get());
    }
    boolean fragmented =
        state.targets().prefixes()
            && machine.interfaces().stream()
                .anyMatch(i -> state.troubles().atMost(i.subnet(), true) == 0);
    if (fragmented) {
      return condition(
          PoolCondition.DEGRADED,
          true,
          "SubnetFragmented",
          "no whole free block in the subnet; single addresses are used until "
              + state.troubles().nextRetry(state.targets()).map(Object::toString).orElse("later"));
    }
    return condition(PoolCondition.DEGRADED, false, "Normal", "nothing is wrong");
  }

  private static PoolCondition condition(
      String type, boolean holds, String reason, String message) {
    return new PoolCondition(type, holds, reason, message);
  }
}
