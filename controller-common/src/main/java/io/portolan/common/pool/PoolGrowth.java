package io.portolan.common.pool;

import io.portolan.common.cloud.ActionToken;
import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.cloud.ObservedMachine;
import io.portolan.common.cloud.Placement;
import io.portolan.common.cloud.SubnetId;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;

/**
 * The growing half of the planner: how to come by {@code needed} more addresses, cheapest first.
 *
 * <ol>
 *   <li>take back what was to be released: no cloud call at all;
 *   <li>fill free slots of attached interfaces: one call for each interface, whatever the number;
 *   <li>attach an interface that was made for this node and hangs on nothing (a crash, a lost
 *       reply);
 *   <li>make new interfaces, each with its addresses in the creating call.
 * </ol>
 */
final class PoolGrowth {
  /** How many times as many addresses a subnet has to have as are taken ahead of need. */
  private static final int PLENTY = 16;

  private final NodePoolState state;
  private final ObservedMachine machine;
  private final PoolArithmetic sums;
  private final Placement placement;
  private final Instant now;
  private final PlanDraft draft;
  private final SubnetBudget subnets;

  /** Subnets that give less than was wanted of them. */
  private final SortedSet<SubnetId> limited = new TreeSet<>();

  /** Places on the machine that this plan fills. */
  private int placesUsed;

  /** Single addresses that this plan asks for. */
  private int asked;

  PoolGrowth(
      NodePoolState state,
      ObservedMachine machine,
      PoolArithmetic sums,
      Placement placement,
      Instant now,
      PlanDraft draft) {
    this.state = state;
    this.machine = machine;
    this.sums = sums;
    this.placement = placement;
    this.now = now;
    this.draft = draft;
    this.subnets = new SubnetBudget(state, machine.limits().addressesPerPrefix());
  }

  /** Plans the growth; {@code needed} may be zero or less. */
  void plan(int needed) {
    int missing = needed;
    if (missing > 0) {
      missing -= takeBack(missing);
    }
    if (missing > 0) {
      missing -= fill(missing);
    }
    if (missing > 0) {
      makeRoomForPrefixes(missing);
    }
    missing = adoptOrDelete(missing);
    if (missing > 0) {
      create(missing);
    }
  }

  /**
   * How many addresses a call for {@code missing} asks for that brings a node its first ones or a
   * new interface. Pods of a node come in a burst, and every call that has to follow waits for the
   * account's budget: so it asks for all that the interface takes, as long as the node stays within
   * half of what its machine may hold and the subnet has plenty. What no pod takes of it is excess,
   * and goes back like any other. Blocks hold more than is missing as it is; and who wants no
   * reserve wants nothing ahead of need.
   */
  private int withThoseToCome(int missing, SubnetId in) {
    if (sums.reserve() == 0 || sums.prefixMode()) {
      return missing;
    }
    int unattached = state.unattached().stream().mapToInt(sums::supplyOf).sum();
    int ahead = sums.capacity() / 2 - sums.supply() - unattached - asked;
    return Math.max(missing, Math.min(ahead, subnets.allows(in, false) / PLENTY));
  }

  private void explainAhead(int count, int missing) {
    if (count > missing) {
      draft.explain((count - missing) + " more than are missing, for pods to come");
    }
  }

  /** The part of the growth that costs no cloud call; returns how many addresses it brings. */
  int takeBack(int missing) {
    List<Cidr> candidates = new ArrayList<>();
    for (ObservedInterface holder : sums.usable()) {
      for (Cidr cidr : PoolArithmetic.held(holder)) {
        boolean released =
            state.handshake().marked(cidr) || state.memory().withdrawn().contains(cidr);
        if (released && !(cidr.isSingleAddress() && blocksAPrefix(holder))) {
          candidates.add(cidr);
        }
      }
    }
    // Those the node has not given up yet cost it nothing to keep.
    candidates.sort(
        Comparator.comparing((Cidr c) -> state.memory().withdrawn().contains(c))
            .thenComparing(state.handshake()::acknowledged)
            .thenComparing(Comparator.naturalOrder()));
    List<Cidr> taken = new ArrayList<>();
    int gained = 0;
    for (Cidr cidr : candidates) {
      if (gained < missing) {
        taken.add(cidr);
        gained += PoolArithmetic.size(cidr);
      }
    }
    if (!taken.isEmpty()) {
      draft.actions.add(new PoolAction.TakeBack(taken));
      draft.explain("keep " + PlanDraft.text(taken) + " after all: needed again");
    }
    return gained;
  }

  /** In prefix mode a single address on a full interface is worth less than its slot. */
  private boolean blocksAPrefix(ObservedInterface holder) {
    return sums.prefixMode()
        && sums.usable().stream().allMatch(i -> sums.freeSlots(i) == 0)
        && sums.freePlaces() == 0
        && subnets.allows(holder.subnet(), true) > 0;
  }

  private int fill(int missing) {
    int gained = 0;
    for (ObservedInterface holder : sums.usable()) {
      if (gained >= missing || sums.freeSlots(holder) == 0) {
        continue;
      }
      if (holder.state() == ObservedInterface.State.ATTACHING) {
        int coming = sums.freeSlots(holder) * sums.unit();
        draft.shortage("Attaching", holder.id() + " is being attached");
        gained += coming;
        continue;
      }
      gained += assign(holder, missing - gained);
    }
    return gained;
  }

  private int assign(ObservedInterface holder, int missing) {
    int slots = sums.freeSlots(holder);
    if (sums.prefixMode()) {
      int size = machine.limits().addressesPerPrefix();
      int wanted = Math.min(slots, ceil(missing, size));
      int count = assignable(holder.subnet(), wanted, true);
      if (count > 0) {
        draft.cloud(
            new CloudAction.AssignPrefixes(state.node(), holder.id(), IpFamily.IPV4, count),
            "assign " + count + " /" + machine.limits().prefixLength() + " to " + holder.id());
        return reached(holder, count, wanted) * size;
      }
      draft.explain(holder.subnet() + " has no whole free block; single addresses meanwhile");
    }
    int wanted =
        Math.min(slots, sums.supply() == 0 ? withThoseToCome(missing, holder.subnet()) : missing);
    int count = assignable(holder.subnet(), wanted, false);
    if (count == 0) {
      limited.add(holder.subnet());
      draft.shortage("SubnetExhausted", holder.subnet() + " has no free address");
      return 0;
    }
    draft.cloud(
        new CloudAction.AssignAddresses(state.node(), holder.id(), IpFamily.IPV4, count),
        "assign " + count + " to " + holder.id() + ", which has " + slots + " free slots");
    asked += count;
    explainAhead(count, missing);
    return reached(holder, count, wanted);
  }

  /** How much of {@code wanted} one call may ask of the subnet; counted as taken. */
  private int assignable(SubnetId subnet, int wanted, boolean prefixes) {
    int count =
        Math.min(
            Math.min(wanted, state.capabilities().maxAddressesPerCall()),
            subnets.allows(subnet, prefixes));
    subnets.take(subnet, count, prefixes);
    return count;
  }

  /**
   * What an interface will have gained once it is filled. If only the size of a call bounds it, the
   * next plan asks for the rest; if the subnet does, another interface in the same subnet would
   * gain nothing and cost an address.
   */
  private int reached(ObservedInterface holder, int count, int wanted) {
    if (count < wanted && count < state.capabilities().maxAddressesPerCall()) {
      limited.add(holder.subnet());
      return count;
    }
    return wanted;
  }

  /**
   * Frees slots that single addresses of a fragmented time occupy, now that blocks may be had again
   * and no slot is left for them.
   */
  private void makeRoomForPrefixes(int missing) {
    int wanted = ceil(missing, Math.max(1, sums.unit()));
    for (ObservedInterface holder : sums.usable()) {
      if (!blocksAPrefix(holder)) {
        continue;
      }
      long underway =
          PoolArithmetic.held(holder).stream()
              .filter(c -> c.isSingleAddress() && state.handshake().marked(c))
              .count();
      List<Cidr> victims =
          sums.supplied(holder).stream()
              .filter(c -> c.isSingleAddress() && !sums.busy(c))
              .limit(Math.max(0, wanted - underway))
              .toList();
      wanted -= (int) underway + victims.size();
      if (!victims.isEmpty()) {
        draft.mark(victims, "their slots can hold whole blocks");
      }
    }
  }

  /**
   * An interface made for this node that hangs on nothing comes from a crash between creating and
   * attaching, from a lost reply, or from our own detaching. Its addresses were never offered to
   * the node, so deleting it takes nothing from a pod.
   */
  private int adoptOrDelete(int needed) {
    int missing = needed;
    List<int[]> places = freeIndexes();
    for (ObservedInterface candidate : state.unattached()) {
      if (!candidate.ours() || candidate.state() != ObservedInterface.State.AVAILABLE) {
        continue;
      }
      if (missing > 0 && !places.isEmpty() && sums.freePlaces() > placesUsed) {
        int[] place = places.removeFirst();
        draft.cloud(
            new CloudAction.AttachInterface(
                state.node(), machine.instance(), candidate.id(), place[0], place[1]),
            "attach " + candidate.id() + " as device " + place[1] + ": made for this node");
        missing -=
            Math.max(
                sums.unit(), sums.supplyOf(candidate) + sums.freeSlots(candidate) * sums.unit());
        placesUsed++;
      } else {
        draft.cloud(
            new CloudAction.DeleteInterface(state.node(), candidate.id()),
            "delete " + candidate.id() + ": attached to nothing and not needed");
      }
    }
    return missing;
  }

  private void create(int needed) {
    int missing = needed;
    while (missing > 0) {
      if (sums.freePlaces() <= placesUsed) {
        draft.shortage(
            "MachineFull",
            machine.machineType() + " holds no more: " + sums.capacity() + " addresses at most");
        return;
      }
      boolean prefixes = sums.prefixMode();
      Placement.Choice choice =
          placement.place(
              new Placement.Request(
                  machine, state.subnets(), state.targets().rules(), missing, prefixes, avoid()));
      switch (choice) {
        case Placement.Choice.Nowhere nowhere -> {
          draft.shortage(nowhere.reason(), nowhere.message());
          return;
        }
        case Placement.Choice.In in -> {
          // Nothing gained: that subnet is avoided from now on, so this ends.
          missing -= create(in, missing);
        }
      }
    }
  }

  private SortedSet<SubnetId> avoid() {
    SortedSet<SubnetId> avoid = subnets.exhausted();
    avoid.addAll(limited);
    return avoid;
  }

  private int create(Placement.Choice.In in, int missing) {
    int slots = machine.limits().slotsPerInterface();
    int size = machine.limits().addressesPerPrefix();
    int wanted = Math.min(slots, withThoseToCome(missing, in.subnet()));
    // The interface takes an address for itself before any pod's.
    subnets.take(in.subnet(), 1, false);
    int blocks =
        sums.prefixMode()
            ? Math.min(Math.min(slots, ceil(missing, size)), subnets.allows(in.subnet(), true))
            : 0;
    int singles = blocks > 0 ? 0 : Math.min(wanted, subnets.allows(in.subnet(), false));
    if (blocks == 0 && singles <= 0) {
      limited.add(in.subnet());
      draft.shortage("SubnetExhausted", in.subnet() + " has no free address");
      return 0;
    }
    subnets.take(in.subnet(), blocks > 0 ? blocks : singles, blocks > 0);
    if (blocks == 0 && singles < wanted) {
      limited.add(in.subnet());
    }
    ActionToken token = token();
    asked += singles;
    explainAhead(singles, missing);
    placesUsed++;
    draft.cloud(
        new CloudAction.CreateInterface(
            state.node(), machine.instance(), in.subnet(), in.groups(), singles, blocks, token),
        "create an interface with "
            + (blocks > 0
                ? blocks + " /" + machine.limits().prefixLength()
                : singles + " addresses")
            + " in "
            + in.subnet()
            + ": "
            + in.why());
    return blocks > 0 ? blocks * size : singles;
  }

  /**
   * One intent, one token: the plan made again at the same moment has the same, a later one does
   * not, since what the earlier one made may have been deleted meanwhile. EC2 takes 64 characters.
   */
  private ActionToken token() {
    String intent = state.node() + "/" + now.toEpochMilli() + "/" + placesUsed;
    return new ActionToken(
        "portolan-" + UUID.nameUUIDFromBytes(intent.getBytes(StandardCharsets.UTF_8)));
  }

  private List<int[]> freeIndexes() {
    TreeSet<Long> taken = new TreeSet<>();
    for (ObservedInterface held : machine.interfaces()) {
      taken.add(place(PoolArithmetic.networkCard(held), PoolArithmetic.deviceIndex(held)));
    }
    List<int[]> free = new ArrayList<>();
    for (int card = 0; card < machine.limits().networkCards(); card++) {
      for (int index = 0; index < machine.limits().interfacesPerCard(); index++) {
        // Index 0 is taken by the primary interface on card 0 and reserved for one on others.
        if (index > 0 && !taken.contains(place(card, index))) {
          free.add(new int[] {card, index});
        }
      }
    }
    return free;
  }

  private static long place(int card, int index) {
    return (long) card << 32 | index;
  }

  static int ceil(int amount, int unit) {
    return (amount + unit - 1) / unit;
  }
}
