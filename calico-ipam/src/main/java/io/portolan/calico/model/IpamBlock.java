package io.portolan.calico.model;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The addresses of a block and who has which. An address is known by its ordinal: how far into the
 * block it lies.
 *
 * @param owner who assigns from it first; absent for a block that was given up in use
 * @param claimed when the owner got it
 * @param allocations for each ordinal the index of its attributes, or {@link #FREE}
 * @param unallocated the free ordinals, the next one first
 * @param sequence counts the writes, from the time of its creation, so that a block made again
 *     repeats no number
 * @param sequences of an ordinal, {@link #sequence} before the write that last changed it
 * @param deleted on its way out: to be treated as absent
 */
public record IpamBlock(
    Cidr cidr,
    Optional<AffinityOwner> owner,
    Optional<Instant> claimed,
    List<Integer> allocations,
    List<Integer> unallocated,
    List<AllocationAttributes> attributes,
    long sequence,
    Map<Integer, Long> sequences,
    boolean deleted) {
  /** Of an allocation: there is none. */
  public static final int FREE = -1;

  /** Of addresses that Windows keeps for itself in each block, which go with the block. */
  public static final String WINDOWS_HANDLE = "windows-reserved-ipam-handle";

  /** More addresses than any valid pool's block has (/20, /116). */
  public static final int LARGEST = 4096;

  public IpamBlock {
    allocations = List.copyOf(allocations);
    unallocated = List.copyOf(unallocated);
    attributes = List.copyOf(attributes);
    sequences = Collections.unmodifiableMap(new TreeMap<>(sequences));
  }

  /** A new block without allocations. */
  public static IpamBlock claimed(Cidr cidr, AffinityOwner owner, Instant now, long sequence) {
    int size = cidr.size().intValueExact();
    return new IpamBlock(
        cidr,
        Optional.of(owner),
        Optional.of(now),
        Collections.nCopies(size, FREE),
        IntStream.range(0, size).boxed().toList(),
        List.of(),
        sequence,
        Map.of(),
        false);
  }

  public int size() {
    return allocations.size();
  }

  public IpAddress address(int ordinal) {
    return cidr.address(ordinal);
  }

  /**
   * @throws IllegalArgumentException if the address is not of the block
   */
  public int ordinal(IpAddress address) {
    if (!cidr.contains(address)) {
      throw new IllegalArgumentException(address + " is not of " + cidr);
    }
    return (int) (address.low() - cidr.network().low());
  }

  /** Of an ordinal that is not free; also while it rests. */
  public Optional<AllocationAttributes> attributes(int ordinal) {
    int index = allocations.get(ordinal);
    return index == FREE ? Optional.empty() : Optional.of(attributes.get(index));
  }

  /** Whether somebody has the address: it is neither free nor resting. */
  public boolean isHeld(int ordinal) {
    return attributes(ordinal).filter(a -> a.releasedAt().isEmpty()).isPresent();
  }

  /** Names the allocation of an ordinal; 0 if nothing is known of it. */
  public long sequence(int ordinal) {
    return sequences.getOrDefault(ordinal, 0L);
  }

  public boolean isOwnedBy(AffinityOwner who) {
    return owner.filter(who::equals).isPresent();
  }

  /** The ordinals that somebody has, in order. */
  public List<Integer> held() {
    return IntStream.range(0, size()).filter(this::isHeld).boxed().toList();
  }

  /** The addresses assigned under a handle, in order. */
  public List<IpAddress> addresses(String handle) {
    return IntStream.range(0, size())
        .filter(o ->
            attributes(o)
                .flatMap(AllocationAttributes::cleanHandle)
                .filter(handle::equals)
                .isPresent())
        .mapToObj(this::address)
        .toList();
  }

  /** Whether no address is held and none rests; those Windows keeps for itself do not count. */
  public boolean isEmpty() {
    return IntStream.range(0, size())
        .mapToObj(this::attributes)
        .flatMap(Optional::stream)
        .allMatch(a -> a.handle().filter(WINDOWS_HANDLE::equalsIgnoreCase).isPresent());
  }
}
