package io.portolan.sim.ec2.model;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The IPv4 addresses of a subnet and which of them are taken: one bit each. Immutable.
 *
 * <p>The first four addresses and the last are the VPC's own from the beginning (VPC user guide,
 * "Subnet sizing"). A prefix is a /28 on a 16-address boundary whose 16 addresses are all free, so
 * a subnet with many free addresses may have no free prefix.
 */
public final class SubnetSpace {
  /** Addresses in an IPv4 prefix. */
  public static final int PREFIX_SIZE = 16;

  /** Length of an IPv4 prefix. */
  public static final int PREFIX_LENGTH = 28;

  private final Cidr block;
  private final int size;
  private final BitSet taken;

  private SubnetSpace(Cidr block, BitSet taken) {
    this.block = block;
    this.size = 1 << (32 - block.prefixLength());
    this.taken = taken;
  }

  /**
   * @throws IllegalArgumentException if the block is not IPv4 of length 16 to 28
   */
  public static SubnetSpace of(Cidr block) {
    if (block.family().bits() != 32 || block.prefixLength() < 16 || block.prefixLength() > 28) {
      throw new IllegalArgumentException(block + ": a subnet is an IPv4 block of /16 to /28");
    }
    BitSet taken = new BitSet();
    taken.set(0, 4);
    taken.set((1 << (32 - block.prefixLength())) - 1);
    return new SubnetSpace(block, taken);
  }

  public Cidr block() {
    return block;
  }

  /** EC2's AvailableIpAddressCount: a prefix counts as its 16 addresses. */
  public int available() {
    return size - taken.cardinality();
  }

  /** Whether the address belongs to the VPC itself. */
  public boolean isReserved(IpAddress address) {
    int index = index(address);
    return index < 4 || index == size - 1;
  }

  public boolean isFree(IpAddress address) {
    return block.contains(address) && !taken.get(index(address));
  }

  /** Whether all addresses of a block inside the subnet are free. */
  public boolean isFree(Cidr part) {
    int start = index(part.network());
    int next = taken.nextSetBit(start);
    return block.contains(part) && (next < 0 || next >= start + length(part));
  }

  public SubnetSpace taking(Collection<Cidr> parts) {
    return changed(parts, true);
  }

  public SubnetSpace releasing(Collection<Cidr> parts) {
    return changed(parts, false);
  }

  /** Up to {@code count} free addresses outside {@code avoid}; fewer if there are not that many. */
  public List<IpAddress> choose(
      int count, Collection<Cidr> avoid, AddressOrder order, RandomGenerator random) {
    BitSet free = free();
    avoid.forEach(part -> free.clear(index(part.network()), index(part.network()) + length(part)));
    return pick(count, free.stream(), order, random).mapToObj(block::address).toList();
  }

  /**
   * Up to {@code count} free prefixes, first from inside {@code preferred}, then from outside both
   * lists.
   */
  public List<Cidr> choosePrefixes(
      int count,
      Collection<Cidr> preferred,
      Collection<Cidr> avoid,
      AddressOrder order,
      RandomGenerator random) {
    List<Cidr> chosen = new ArrayList<>();
    IntPredicate inPreferred = i -> preferred.stream().anyMatch(p -> p.contains(prefix(i)));
    IntPredicate inRest =
        i ->
            preferred.stream().noneMatch(p -> p.overlaps(prefix(i)))
                && avoid.stream().noneMatch(p -> p.overlaps(prefix(i)));
    for (IntPredicate where : List.of(inPreferred, inRest)) {
      IntStream eligible =
          IntStream.range(0, size / PREFIX_SIZE).filter(i -> isFree(prefix(i)) && where.test(i));
      pick(count - chosen.size(), eligible, order, random)
          .mapToObj(this::prefix)
          .forEach(chosen::add);
    }
    return chosen;
  }

  private static IntStream pick(
      int count, IntStream eligible, AddressOrder order, RandomGenerator random) {
    return switch (order) {
      case LOWEST -> eligible.limit(count);
      case SCATTERED -> {
        int[] candidates = eligible.toArray();
        int wanted = Math.min(count, candidates.length);
        // The first steps of a Fisher-Yates shuffle: as many as are wanted.
        for (int i = 0; i < wanted; i++) {
          int other = i + random.nextInt(candidates.length - i);
          int swapped = candidates[i];
          candidates[i] = candidates[other];
          candidates[other] = swapped;
        }
        yield IntStream.of(candidates).limit(wanted);
      }
    };
  }

  private SubnetSpace changed(Collection<Cidr> parts, boolean take) {
    BitSet changed = (BitSet) taken.clone();
    for (Cidr part : parts) {
      changed.set(index(part.network()), index(part.network()) + length(part), take);
    }
    return new SubnetSpace(block, changed);
  }

  private BitSet free() {
    BitSet free = (BitSet) taken.clone();
    free.flip(0, size);
    return free;
  }

  private Cidr prefix(int number) {
    return new Cidr(block.address((long) number * PREFIX_SIZE), PREFIX_LENGTH);
  }

  private int index(IpAddress address) {
    return (int) (address.low() - block.network().low());
  }

  private static int length(Cidr part) {
    return 1 << (32 - part.prefixLength());
  }
}
