package io.portolan.common.pool;

import io.portolan.common.cloud.Attachment;
import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.cloud.ObservedMachine;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The shrinking half of the planner. An address leaves a node in four steps, each of which can be
 * the last before a crash: marked in the supply, acknowledged by the node, withdrawn from the
 * supply, unassigned in the cloud. An interface leaves once it has held nothing for a while:
 * detached, then deleted.
 */
final class PoolShrink {
  private final NodePoolState state;
  private final ObservedMachine machine;
  private final PoolArithmetic sums;
  private final Instant now;
  private final PlanDraft draft;

  PoolShrink(
      NodePoolState state,
      ObservedMachine machine,
      PoolArithmetic sums,
      Instant now,
      PlanDraft draft) {
    this.state = state;
    this.machine = machine;
    this.sums = sums;
    this.now = now;
    this.draft = draft;
  }

  /** Unassigns what the node has given up. Not to be planned beside growth. */
  void finishReleases() {
    for (ObservedInterface holder : machine.interfaces()) {
      if (holder.unmanaged()) {
        continue;
      }
      List<Cidr> gone =
          PoolArithmetic.held(holder).stream()
              .filter(
                  c -> state.memory().withdrawn().contains(c) || state.handshake().acknowledged(c))
              .toList();
      List<Cidr> visible =
          gone.stream().filter(c -> !state.memory().withdrawn().contains(c)).toList();
      if (!visible.isEmpty()) {
        draft.actions.add(new PoolAction.Withdraw(visible));
      }
      unassign(holder, gone.stream().filter(Cidr::isSingleAddress).toList());
      unassign(holder, gone.stream().filter(c -> !c.isSingleAddress()).toList());
    }
  }

  private void unassign(ObservedInterface holder, List<Cidr> cidrs) {
    int most = state.capabilities().maxAddressesPerCall();
    for (int from = 0; from < cidrs.size(); from += most) {
      List<Cidr> batch = cidrs.subList(from, Math.min(cidrs.size(), from + most));
      draft.cloud(
          new CloudAction.Unassign(state.node(), holder.id(), batch),
          "unassign " + PlanDraft.text(batch) + " from " + holder.id() + ": the node gave it up");
    }
  }

  /** Marks what has been too much for the whole delay; returns what to remember of the excess. */
  Optional<PoolMemory.Excess> markExcess(int excess, int target) {
    if (excess <= 0) {
      return Optional.empty();
    }
    PoolMemory.Excess lasting =
        state
            .memory()
            .excess()
            .map(e -> new PoolMemory.Excess(e.since(), Math.min(e.atLeast(), excess)))
            .orElse(new PoolMemory.Excess(now, excess));
    Instant due = lasting.since().plus(state.targets().releaseDelay());
    if (now.isBefore(due)) {
      draft.explain(lasting.atLeast() + " more than needed since " + lasting.since());
      draft.wakeAt(due);
      return Optional.of(lasting);
    }
    List<Cidr> victims = victims(lasting.atLeast(), target);
    if (victims.isEmpty()) {
      // Nothing that small can go. What came on top since then has to last a delay of its own.
      return Optional.of(excess > lasting.atLeast() ? new PoolMemory.Excess(now, excess) : lasting);
    }
    draft.mark(victims, "more than needed since " + lasting.since());
    return Optional.of(new PoolMemory.Excess(now, excess));
  }

  /**
   * The least wanted blocks that no pod reports: singles before prefixes where prefixes are
   * preferred; of secondary interfaces before the primary; of the interface that is nearest to
   * empty first, so that whole interfaces come free.
   */
  private List<Cidr> victims(int most, int target) {
    List<ObservedInterface> holders = new ArrayList<>(sums.usable());
    holders.sort(
        Comparator.comparing(ObservedInterface::isPrimary)
            .thenComparingInt(sums::busyCount)
            .thenComparingInt(i -> -PoolArithmetic.networkCard(i))
            .thenComparingInt(i -> -PoolArithmetic.deviceIndex(i)));
    List<Cidr> candidates = new ArrayList<>();
    for (ObservedInterface holder : holders) {
      sums.supplied(holder).stream().filter(c -> !sums.busy(c)).forEach(candidates::add);
    }
    if (sums.prefixMode()) {
      candidates.sort(Comparator.comparing(c -> !c.isSingleAddress()));
    }
    List<Cidr> victims = new ArrayList<>();
    int left = most;
    int spareBlocks = spareBlocks(target);
    for (Cidr candidate : candidates) {
      int size = PoolArithmetic.size(candidate);
      boolean block = !candidate.isSingleAddress();
      if (size <= left && !(block && spareBlocks == 0)) {
        spareBlocks -= block ? 1 : 0;
        victims.add(candidate);
        left -= size;
      }
    }
    return victims;
  }

  /**
   * Blocks that could go without being taken again at once in place of single addresses, see {@link
   * #preferPrefixes}.
   */
  private int spareBlocks(int target) {
    if (!sums.prefixMode()) {
      return Integer.MAX_VALUE;
    }
    int blocks = 0;
    for (ObservedInterface holder : sums.usable()) {
      blocks += (int) sums.supplied(holder).stream().filter(c -> !c.isSingleAddress()).count();
    }
    return Math.max(0, blocks - PoolGrowth.ceil(target, machine.limits().addressesPerPrefix()));
  }

  /**
   * In prefix mode, blocks where single addresses stand in for them: taken while slots are free;
   * the singles then are an excess like any other.
   */
  void preferPrefixes(int target) {
    if (!sums.prefixMode()) {
      return;
    }
    int size = machine.limits().addressesPerPrefix();
    int singles = 0;
    int blocks = 0;
    for (ObservedInterface holder : sums.usable()) {
      for (Cidr cidr : sums.supplied(holder)) {
        singles += cidr.isSingleAddress() ? 1 : 0;
        blocks += cidr.isSingleAddress() ? 0 : 1;
      }
    }
    int wanted = PoolGrowth.ceil(target, size) - blocks;
    if (singles == 0 || wanted <= 0) {
      return;
    }
    SubnetBudget subnets = new SubnetBudget(state, size);
    for (ObservedInterface holder : sums.usable()) {
      int count =
          Math.min(
              Math.min(wanted, sums.freeSlots(holder)),
              Math.min(
                  subnets.allows(holder.subnet(), true),
                  state.capabilities().maxAddressesPerCall()));
      if (count > 0 && holder.state() == ObservedInterface.State.ATTACHED) {
        subnets.take(holder.subnet(), count, true);
        wanted -= count;
        draft.cloud(
            new CloudAction.AssignPrefixes(state.node(), holder.id(), IpFamily.IPV4, count),
            "assign "
                + count
                + " /"
                + machine.limits().prefixLength()
                + " to "
                + holder.id()
                + " in place of single addresses");
      }
    }
  }

  /** Detaches interfaces of ours that have held nothing for the release delay. */
  SortedMap<InterfaceId, Instant> detachEmpty() {
    SortedMap<InterfaceId, Instant> emptySince = new TreeMap<>();
    for (ObservedInterface holder : machine.interfaces()) {
      boolean removable =
          holder.ours()
              && !holder.unmanaged()
              && !holder.isPrimary()
              && holder.state() == ObservedInterface.State.ATTACHED
              && holder.addresses().isEmpty()
              && holder.prefixes().isEmpty()
              && state.capabilities().createsInterfaces();
      if (!removable) {
        continue;
      }
      if (draft.fills(holder.id())) {
        continue;
      }
      Instant since = state.memory().emptySince().getOrDefault(holder.id(), now);
      emptySince.put(holder.id(), since);
      Instant due = since.plus(state.targets().releaseDelay());
      if (now.isBefore(due)) {
        draft.wakeAt(due);
      } else {
        draft.cloud(
            new CloudAction.DetachInterface(
                state.node(), holder.id(), holder.attachment().flatMap(Attachment::id)),
            "detach " + holder.id() + ": empty since " + since);
      }
    }
    return emptySince;
  }
}
