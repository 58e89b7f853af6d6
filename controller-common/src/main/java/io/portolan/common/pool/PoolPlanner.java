package io.portolan.common.pool;

import io.portolan.common.cloud.Attachment;
import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.cloud.ObservedMachine;
import io.portolan.common.cloud.Placement;
import io.portolan.common.net.Cidr;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Decides how many addresses a node should hold and the next steps there.
 *
 * <p>GOALS. The pods that are bound get addresses in as few cloud calls as can be; a small reserve
 * hides the cloud's latency; what is not needed goes back, slowly.
 *
 * <p>CONSTRAINTS. No address that a pod has or had a moment ago is ever unassigned. Limits of
 * machine and interface hold. Nothing is repeated whose outcome is unknown. The same state and time
 * give the same plan; after a plan was carried out the next one is empty.
 *
 * <p>ALGORITHM. {@code target = min(capacity, pods + cooling + reserve)}. Too few: take back marked
 * blocks, fill interfaces, attach, create ({@link PoolGrowth}). Enough: unassign what the node has
 * given up, mark what has been too much for the whole release delay ({@link PoolShrink}).
 *
 * <p>EXAMPLE. An m5.large (3 interfaces of 9 slots) with 14 pods and a reserve of 2 that holds 9
 * addresses on its primary interface needs 7 more: no slot is free, so the plan creates one
 * interface with 7 addresses. The next plan attaches it.
 */
public final class PoolPlanner {
  /**
   * How long a reserve that is not whole waits for more to be missing, while every pod has an
   * address: pods come in bursts, and one call serves a burst as well as one pod. Not where the
   * next call is the first for a node or makes an interface: such a call asks for more than is
   * missing, and making an interface takes long.
   */
  private static final Duration GATHER = Duration.ofSeconds(1);

  private final Placement placement;

  public PoolPlanner(Placement placement) {
    this.placement = placement;
  }

  /** The plan for {@code given} at {@code now}. Pure. */
  public PoolPlan plan(NodePoolState given, Instant now) {
    NodePoolState state = current(given, now);
    PlanDraft draft = new PlanDraft();
    if (state.machine().isEmpty()) {
      return standing(state, draft, "MachineUnknown", "the cloud knows no machine of this node");
    }
    ObservedMachine machine = state.machine().get();
    if (state.lifecycle() == NodePoolState.Lifecycle.LEAVING
        || machine.state() == ObservedMachine.State.TERMINATING) {
      return standing(state, draft, "Leaving", "the node is going away; nothing changes any more");
    }
    if (machine.state() == ObservedMachine.State.STOPPED) {
      return standing(state, draft, "MachineStopped", "the machine is stopped");
    }
    if (state.observedAt().isBefore(state.memory().lookAfter())) {
      draft.wakeAt(state.memory().lookAfter());
      return standing(
          state, draft, "Observing", "the outcome of a change is open; looking before acting");
    }
    return plan(state, machine, now, draft);
  }

  private PoolPlan plan(
      NodePoolState state, ObservedMachine machine, Instant now, PlanDraft draft) {
    PoolArithmetic sums = new PoolArithmetic(state, machine);
    int target = sums.target(now);
    int supply = sums.supply();
    PoolMemory memory = forgetUnassigned(state.memory(), machine);
    explainTarget(state, machine, sums, target, supply, now, draft);
    SortedMap<InterfaceId, Instant> changingSince = watchChanges(state, machine, now, draft);
    memory = memory.withSince(memory.emptySince(), changingSince);
    if (memory.pause().isPresent()) {
      PoolMemory.Pause pause = memory.pause().get();
      draft.wakeAt(pause.until());
      draft.shortage(pause.fault().reason(), pause.fault().message());
    } else {
      memory = change(state, machine, sums, memory, target - supply, now, draft);
      // Last: nobody waits for it, and after a crash the next plan has it again.
      protect(state, machine, draft);
    }
    state.demand().nextRested(now, state.targets().cooldown()).ifPresent(draft::wakeAt);
    memory.machineFull().ifPresent(at -> draft.wakeAt(at.plus(state.targets().exhaustedRetry())));
    state.troubles().nextRetry(state.targets()).ifPresent(draft::wakeAt);
    PoolPlan.Counts counts =
        new PoolPlan.Counts(sums.capacity(), supply, state.demand().pods(), target);
    return new PoolPlan(
        state.node(),
        draft.actions,
        counts,
        draft.explanation,
        PoolConditions.of(state, machine, counts, draft),
        memory,
        draft.wakeAt());
  }

  /** Plans growth or shrinking; returns the memory after it. */
  private PoolMemory change(
      NodePoolState state,
      ObservedMachine machine,
      PoolArithmetic sums,
      PoolMemory before,
      int needed,
      Instant now,
      PlanDraft draft) {
    PoolMemory memory =
        before.withLowSince(
            needed > 0 && !sums.podsWait(now) && sums.partlyFilled()
                ? before.lowSince().or(() -> Optional.of(now))
                : Optional.empty());
    PoolGrowth growth = new PoolGrowth(state, machine, sums, placement, now, draft);
    Optional<Instant> gathered = memory.lowSince().map(since -> since.plus(GATHER));
    if (gathered.filter(now::isBefore).isPresent()) {
      draft.wakeAt(gathered.get());
      growth.takeBack(needed);
      draft.explain(needed + " short of the reserve; gathering what comes until " + gathered.get());
      return memory.withExcess(Optional.empty());
    }
    PoolShrink shrink = new PoolShrink(state, machine, sums, now, draft);
    growth.plan(needed);
    if (needed <= 0) {
      int target = sums.target(now);
      shrink.finishReleases();
      shrink.preferPrefixes(target);
      memory = memory.withExcess(shrink.markExcess(-needed, target));
    } else {
      memory = memory.withExcess(Optional.empty());
      releaseSlots(sums, shrink, draft);
    }
    return memory.withSince(shrink.detachEmpty(), memory.changingSince());
  }

  /** In prefix mode a slot freed for a whole block is freed while addresses are short. */
  private static void releaseSlots(PoolArithmetic sums, PoolShrink shrink, PlanDraft draft) {
    boolean takingBack = draft.actions.stream().anyMatch(a -> a instanceof PoolAction.TakeBack);
    if (sums.prefixMode() && !takingBack) {
      shrink.finishReleases();
    }
  }

  /** Has interfaces of ours die with their machine: a crash after attaching left that undone. */
  private static void protect(NodePoolState state, ObservedMachine machine, PlanDraft draft) {
    if (!state.capabilities().deleteWithMachineIsSeparate()) {
      return;
    }
    for (ObservedInterface held : machine.interfaces()) {
      Optional<Attachment> bond = held.attachment().filter(a -> !a.deletedWithMachine());
      if (held.ours() && held.state() == ObservedInterface.State.ATTACHED && bond.isPresent()) {
        bond.get()
            .id()
            .ifPresent(id ->
                draft.cloud(
                    new CloudAction.DeleteWithMachine(state.node(), held.id(), id),
                    "have " + held.id() + " deleted with its machine"));
      }
    }
  }

  private static PoolMemory forgetUnassigned(PoolMemory memory, ObservedMachine machine) {
    SortedSet<Cidr> withdrawn = new TreeSet<>();
    for (ObservedInterface held : machine.interfaces()) {
      withdrawn.addAll(PoolArithmetic.held(held));
    }
    withdrawn.retainAll(memory.withdrawn());
    return memory.withWithdrawn(withdrawn);
  }

  private static SortedMap<InterfaceId, Instant> watchChanges(
      NodePoolState state, ObservedMachine machine, Instant now, PlanDraft draft) {
    SortedMap<InterfaceId, Instant> since = new TreeMap<>();
    for (ObservedInterface held : machine.interfaces()) {
      if (held.state() == ObservedInterface.State.ATTACHING
          || held.state() == ObservedInterface.State.DETACHING) {
        Instant start = state.memory().changingSince().getOrDefault(held.id(), now);
        since.put(held.id(), start);
        Instant stuck = start.plus(state.capabilities().settleTime());
        if (now.isBefore(stuck)) {
          draft.wakeAt(stuck);
        } else {
          draft.stuck(held.id() + " has been " + held.state() + " since " + start);
        }
      }
    }
    return since;
  }

  private static void explainTarget(
      NodePoolState state,
      ObservedMachine machine,
      PoolArithmetic sums,
      int target,
      int supply,
      Instant now,
      PlanDraft draft) {
    draft.explain(
        "target "
            + target
            + " = "
            + state.demand().pods()
            + " pods + "
            + sums.cooling(now)
            + " cooling + "
            + sums.reserve()
            + " reserve, of "
            + sums.capacity()
            + " that a "
            + machine.machineType()
            + " holds; supply "
            + supply);
  }

  private static PoolPlan standing(
      NodePoolState state, PlanDraft draft, String reason, String message) {
    draft.explain(message);
    PoolPlan.Counts counts =
        state
            .machine()
            .map(m -> {
              PoolArithmetic sums = new PoolArithmetic(state, m);
              int supply = sums.supply();
              return new PoolPlan.Counts(sums.capacity(), supply, state.demand().pods(), supply);
            })
            .orElse(new PoolPlan.Counts(0, 0, state.demand().pods(), 0));
    return new PoolPlan(
        state.node(),
        List.of(),
        counts,
        draft.explanation,
        PoolConditions.standing(counts, reason, message),
        state.memory(),
        draft.wakeAt());
  }

  /** The state without memories that are too old to matter. */
  private static NodePoolState current(NodePoolState given, Instant now) {
    PoolMemory memory =
        given
            .memory()
            .withMachineFull(
                given
                    .memory()
                    .machineFull()
                    .filter(at -> at.plus(given.targets().exhaustedRetry()).isAfter(now)))
            .withPause(given.memory().pause().filter(p -> p.until().isAfter(now)));
    return new NodePoolState(
        given.node(),
        given.lifecycle(),
        given.observedAt(),
        given.machine(),
        given.unattached(),
        given.subnets(),
        given.capabilities(),
        given.targets(),
        given.demand(),
        given.handshake(),
        given.troubles().current(given.targets(), now),
        memory);
  }
}
