package io.portolan.calico.ipam;

import io.portolan.calico.model.AffinityOwner;
import io.portolan.calico.model.AllocationAttributes;
import io.portolan.calico.model.IpamBlock;
import io.portolan.common.net.IpAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The next state of a block: any number of assignments and releases that one write carries.
 *
 * <p>Ordinals leave {@code unallocated} at its head and come back at its tail, reserved ones keep
 * their place; attributes that are the same are said once; each change notes the block's sequence
 * number before the write. (allocationBlock of libcalico-go.)
 */
final class BlockDraft {
  private final IpamBlock before;
  private Optional<AffinityOwner> owner;
  private Optional<Instant> claimed;
  private final List<Integer> allocations;
  private final List<Integer> unallocated;
  private List<AllocationAttributes> attributes;
  private final Map<Integer, Long> sequences;

  BlockDraft(IpamBlock before) {
    this.before = before;
    owner = before.owner();
    claimed = before.claimed();
    allocations = new ArrayList<>(before.allocations());
    unallocated = new ArrayList<>(before.unallocated());
    attributes = new ArrayList<>(before.attributes());
    sequences = new TreeMap<>(before.sequences());
  }

  /** What came of releasing one address. */
  enum Release {
    DONE,
    /** It was not assigned, or rests already. */
    NOT_HELD,
    /** It is assigned otherwise than the caller knew. */
    CHANGED
  }

  /**
   * Assigns the next free addresses, fewer if there are not as many.
   *
   * @param reserved addresses to leave alone
   */
  List<IpAddress> assign(int count, AllocationAttributes who, Predicate<IpAddress> reserved) {
    List<IpAddress> assigned = new ArrayList<>();
    for (Iterator<Integer> free = unallocated.iterator();
        free.hasNext() && assigned.size() < count; ) {
      int ordinal = free.next();
      IpAddress address = before.address(ordinal);
      if (!reserved.test(address)) {
        free.remove();
        set(ordinal, indexOf(who));
        assigned.add(address);
      }
    }
    return assigned;
  }

  /** Assigns this address, if it is free; whether it is reserved does not matter. */
  boolean assign(IpAddress address, AllocationAttributes who) {
    int ordinal = before.ordinal(address);
    if (allocations.get(ordinal) != IpamBlock.FREE) {
      return false;
    }
    unallocated.removeIf(free -> free == ordinal);
    set(ordinal, indexOf(who));
    return true;
  }

  private void set(int ordinal, int index) {
    allocations.set(ordinal, index);
    sequences.put(ordinal, before.sequence());
  }

  private int indexOf(AllocationAttributes who) {
    int index = attributes.indexOf(who);
    if (index < 0) {
      index = attributes.size();
      attributes.add(who);
    }
    return index;
  }

  /**
   * Gives an address to somebody else without releasing it.
   *
   * @return whether {@code from} had it
   */
  boolean transfer(IpAddress address, String from, AllocationAttributes to) {
    int ordinal = before.ordinal(address);
    if (!isHeldBy(ordinal, Optional.of(from))) {
      return false;
    }
    set(ordinal, indexOf(to));
    return true;
  }

  /**
   * Releases an address, which rests from now on.
   *
   * @param handle it must be assigned under; empty for any
   * @param sequence its allocation must have; empty for any
   */
  Release release(IpAddress address, Optional<String> handle, OptionalLong sequence, Instant now) {
    int ordinal = before.ordinal(address);
    if (sequence.isPresent() && sequence.getAsLong() != sequences.getOrDefault(ordinal, 0L)) {
      return Release.CHANGED;
    }
    if (!isHeldBy(ordinal, Optional.empty())) {
      return Release.NOT_HELD;
    }
    if (!isHeldBy(ordinal, handle)) {
      return Release.CHANGED;
    }
    set(ordinal, indexOf(AllocationAttributes.releasedAt(now)));
    return Release.DONE;
  }

  /** Releases all addresses under a handle; returns how many. */
  int releaseHandle(String handle, Instant now) {
    int released = 0;
    for (int ordinal = 0; ordinal < allocations.size(); ordinal++) {
      if (isHeldBy(ordinal, Optional.of(handle))) {
        set(ordinal, indexOf(AllocationAttributes.releasedAt(now)));
        released++;
      }
    }
    return released;
  }

  private boolean isHeldBy(int ordinal, Optional<String> handle) {
    int index = allocations.get(ordinal);
    if (index == IpamBlock.FREE || attributes.get(index).releasedAt().isPresent()) {
      return false;
    }
    return handle.isEmpty() || attributes.get(index).cleanHandle().equals(handle);
  }

  /** Frees what has rested for {@code cooldown}, and drops attributes that nothing refers to. */
  void settle(Duration cooldown, Instant now) {
    Map<Integer, Integer> kept = new HashMap<>();
    List<AllocationAttributes> next = new ArrayList<>();
    boolean[] used = new boolean[attributes.size()];
    for (int ordinal = 0; ordinal < allocations.size(); ordinal++) {
      int index = allocations.get(ordinal);
      if (index == IpamBlock.FREE) {
        continue;
      }
      if (attributes.get(index).releasedAt().filter(at -> rested(at, cooldown, now)).isPresent()) {
        allocations.set(ordinal, IpamBlock.FREE);
        unallocated.add(ordinal);
        sequences.remove(ordinal);
      } else {
        used[index] = true;
      }
    }
    for (int index = 0; index < used.length; index++) {
      if (used[index]) {
        kept.put(index, next.size());
        next.add(attributes.get(index));
      }
    }
    allocations.replaceAll(index -> kept.getOrDefault(index, IpamBlock.FREE));
    attributes = next;
  }

  private static boolean rested(Instant since, Duration cooldown, Instant now) {
    return cooldown.isZero() || since.isBefore(now.minus(cooldown));
  }

  /** Nobody assigns from it first any more. */
  void disown() {
    owner = Optional.empty();
    claimed = Optional.empty();
  }

  /** How many addresses {@link #assign} could give. */
  int free(Predicate<IpAddress> reserved) {
    return (int) unallocated.stream().map(before::address).filter(reserved.negate()).count();
  }

  /** As it is after the write. */
  IpamBlock written() {
    return block(before.sequence() + 1);
  }

  /** As it would be read, with nothing written yet. */
  IpamBlock read() {
    return block(before.sequence());
  }

  private IpamBlock block(long sequence) {
    return new IpamBlock(
        before.cidr(),
        owner,
        claimed,
        allocations,
        unallocated,
        attributes,
        sequence,
        sequences,
        before.deleted());
  }
}
