package io.portolan.node.ipam;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Which addresses are free, held, resting or given back. Pure: time comes as a parameter, the same
 * calls give the same answers. Not for several threads.
 *
 * <p>GOALS: no address is ever held twice; an address rests before it is given again; what the
 * controller wants back empties as fast as pods allow.
 *
 * <p>CHOICE of the next address: a block the controller does not want back before one it does; a
 * lower device index first, so that ENIs added last empty first; of single addresses the longest
 * free one; of prefixes the lowest with room, so that whole prefixes stay empty.
 *
 * <p>HANDSHAKE ({@code NodeNetworkStatus.Release}): a marked block is answered, with the epoch of
 * its mark, at the moment nothing in it is held or rests. From then on it gives nothing while the
 * mark stands, whatever the need. A block marked but not yet answered is given from as a last
 * resort: the controller unassigns nothing without an answer.
 */
public final class AddressPool {
  private static final Comparator<Candidate> ORDER =
      Comparator.comparingInt((Candidate c) -> c.marked ? 1 : 0)
          .thenComparingInt(c -> c.block.deviceIndex())
          .thenComparing(Candidate::freeSince)
          .thenComparing(c -> c.block.cidr());

  private Supply supply = Supply.EMPTY;
  private Map<Cidr, PoolBlock> blocks = new TreeMap<>();

  /** Those of {@link #blocks} that are more than one address. */
  private List<PoolBlock> prefixes = List.of();

  /** Those of {@link #blocks}. */
  private Set<IpFamily> families = Set.of();

  /** No rest is over before. */
  private Instant nextRested = Instant.MAX;

  /** Who holds them, for messages. */
  private final Map<IpAddress, String> held = new HashMap<>();

  private final Map<IpAddress, Instant> resting = new TreeMap<>();
  private final Set<Supply.Mark> answered = new TreeSet<>();

  private record Candidate(PoolBlock block, IpAddress address, boolean marked) {
    Instant freeSince() {
      return block.cidr().isSingleAddress() ? block.freeSince(address) : Instant.EPOCH;
    }
  }

  /** What the pool holds at the moment, for status and metrics. */
  public record Counts(int held, int resting) {}

  /** Replaces the supply. Addresses that are held stay held even if it has them no more. */
  public void supply(Supply next, Instant now) {
    rest(now);
    Map<Cidr, PoolBlock> previous = blocks;
    blocks = new TreeMap<>();
    for (Supply.CloudInterface each : next.interfaces()) {
      for (Cidr cidr : each.blocks()) {
        keepOrAdd(previous, cidr, each.deviceIndex(), false);
      }
    }
    for (Cidr cidr : next.nodeCidrs()) {
      keepOrAdd(previous, cidr, 0, true);
    }
    prefixes = blocks.values().stream().filter(b -> !b.cidr().isSingleAddress()).toList();
    Set<IpFamily> found = EnumSet.noneOf(IpFamily.class);
    blocks.keySet().forEach(cidr -> found.add(cidr.family()));
    families = Collections.unmodifiableSet(found);
    supply = next;
    answered.retainAll(new HashSet<>(next.releasing()));
    answer(now);
  }

  private void keepOrAdd(
      Map<Cidr, PoolBlock> previous, Cidr cidr, int deviceIndex, boolean wholeSubnet) {
    PoolBlock known = previous.get(cidr);
    blocks.put(
        cidr,
        known != null && known.deviceIndex() == deviceIndex
            ? known
            : new PoolBlock(cidr, deviceIndex, wholeSubnet));
  }

  /** Answers given before a restart; they bind as if given just now. */
  public void restoreAnswers(List<Supply.Mark> given) {
    answered.addAll(given);
  }

  /**
   * @throws IllegalStateException if somebody else holds the address: the journal contradicts
   *     itself
   */
  public void restoreHeld(IpAddress address, String owner) {
    String other = held.putIfAbsent(address, owner);
    if (other != null && !other.equals(owner)) {
      throw new IllegalStateException(address + " is held by " + other + " and by " + owner);
    }
    resting.remove(address);
  }

  public void restoreResting(IpAddress address, Instant until) {
    if (!held.containsKey(address)) {
      putToRest(address, until);
    }
  }

  private void putToRest(IpAddress address, Instant until) {
    resting.put(address, until);
    nextRested = until.isBefore(nextRested) ? until : nextRested;
  }

  /** The families this node gives pods addresses of: those it has blocks of. */
  public Set<IpFamily> families() {
    return families;
  }

  /**
   * Takes one address of each family, or none at all.
   *
   * @return the addresses, IPv4 first; empty if some family has none free
   */
  public Optional<List<IpAddress>> take(String owner, Set<IpFamily> families, Instant now) {
    rest(now);
    List<Candidate> chosen = new ArrayList<>();
    for (IpFamily family : new TreeSet<>(families)) {
      Candidate best = null;
      // No stream: a node of single addresses has a block for each, and ADD waits for this.
      for (PoolBlock block : blocks.values()) {
        if (block.cidr().family() == family && !isAnswered(block.cidr())) {
          Candidate candidate = candidate(block).orElse(null);
          if (candidate != null && (best == null || ORDER.compare(candidate, best) < 0)) {
            best = candidate;
          }
        }
      }
      if (best == null) {
        return Optional.empty();
      }
      chosen.add(best);
    }
    if (chosen.isEmpty()) {
      return Optional.empty();
    }
    for (Candidate each : chosen) {
      each.block.taken(each.address);
      held.put(each.address, owner);
    }
    return Optional.of(chosen.stream().map(Candidate::address).toList());
  }

  private Optional<Candidate> candidate(PoolBlock block) {
    boolean marked =
        !supply.releasing().isEmpty()
            && supply.releasing().stream().anyMatch(m -> m.block().overlaps(block.cidr()));
    return block
        .next(a ->
            held.containsKey(a)
                || resting.containsKey(a)
                || (!answered.isEmpty() && isAnswered(a.toCidr())))
        .map(address -> new Candidate(block, address, marked));
  }

  private boolean isAnswered(Cidr cidr) {
    return !answered.isEmpty() && answered.stream().anyMatch(mark -> mark.block().contains(cidr));
  }

  /** Ends the hold of an address that no pod ever used. */
  public void putBack(IpAddress address, Instant now) {
    if (held.remove(address) != null) {
      block(address).ifPresent(block -> block.restore(address, now));
    }
  }

  /** Whether these can be used as if {@link #take} had just given them. */
  public boolean isCurrent(List<IpAddress> addresses) {
    int present = 0;
    for (IpAddress address : addresses) {
      present += block(address).isPresent() ? 1 : 0;
    }
    return present == addresses.size() && present == families.size();
  }

  /** Ends the hold; the address rests until {@code until}. Nothing happens if it is not held. */
  public void release(IpAddress address, Instant until) {
    if (held.remove(address) != null) {
      putToRest(address, until);
    }
  }

  /**
   * Lets addresses whose rest is over go back to their blocks, and answers marks that now can be.
   */
  public void advance(Instant now) {
    rest(now);
    answer(now);
  }

  private void rest(Instant now) {
    if (now.isBefore(nextRested)) {
      return;
    }
    resting
        .entrySet()
        .removeIf(entry -> {
          boolean over = !entry.getValue().isAfter(now);
          if (over) {
            block(entry.getKey())
                .ifPresent(block -> block.restore(entry.getKey(), entry.getValue()));
          }
          return over;
        });
    nextRested = resting.values().stream().min(Comparator.naturalOrder()).orElse(Instant.MAX);
  }

  private Optional<PoolBlock> block(IpAddress address) {
    PoolBlock single = blocks.get(address.toCidr());
    return single != null ? Optional.of(single) : prefix(address);
  }

  private Optional<PoolBlock> prefix(IpAddress address) {
    for (PoolBlock prefix : prefixes) {
      if (prefix.cidr().contains(address)) {
        return Optional.of(prefix);
      }
    }
    return Optional.empty();
  }

  private void answer(Instant now) {
    for (Supply.Mark mark : supply.releasing()) {
      boolean quiet =
          held.keySet().stream().noneMatch(mark.block()::contains)
              && resting.entrySet().stream()
                  .noneMatch(e -> mark.block().contains(e.getKey()) && e.getValue().isAfter(now));
      if (quiet) {
        answered.add(mark);
      }
    }
  }

  /** The answers to the controller's marks, in order. */
  public List<Supply.Mark> answers() {
    return List.copyOf(answered);
  }

  /** The addresses that rest, and until when. */
  public Map<IpAddress, Instant> resting() {
    return Collections.unmodifiableMap(resting);
  }

  /** When the next address will have rested enough, if any rests. */
  public Optional<Instant> nextRested() {
    return resting.isEmpty() ? Optional.empty() : Optional.of(nextRested);
  }

  public Counts counts() {
    return new Counts(held.size(), resting.size());
  }

  /** Held addresses that the supply has no more: the cloud no longer routes them here. */
  public List<IpAddress> orphans() {
    return held.keySet().stream().filter(address -> block(address).isEmpty()).sorted().toList();
  }

  /** Whether {@link #take} would succeed now, without taking. */
  public boolean hasRoom(Set<IpFamily> families) {
    return !families.isEmpty()
        && families.stream()
            .allMatch(family ->
                blocks.values().stream()
                    .filter(b -> b.cidr().family() == family && !isAnswered(b.cidr()))
                    .anyMatch(b -> candidate(b).isPresent()));
  }

  /**
   * How many more owners {@link #take} could serve now; where there are two families, those of the
   * scarcer one. At most 2^61.
   */
  public long free() {
    Map<IpFamily, Long> free = new EnumMap<>(IpFamily.class);
    for (PoolBlock block : blocks.values()) {
      free.merge(
          block.cidr().family(),
          isAnswered(block.cidr()) ? 0 : block.size(),
          (one, other) -> Math.min(one + other, PoolBlock.MAX_SIZE));
    }
    // An answered block has none of these in it.
    Stream.concat(held.keySet().stream(), resting.keySet().stream())
        .filter(address -> block(address).isPresent())
        .forEach(address -> free.merge(address.family(), -1L, Long::sum));
    return free.values().stream().mapToLong(Long::longValue).min().orElse(0);
  }

  /** In one sentence, why {@link #take} finds nothing. */
  public String shortage() {
    if (blocks.isEmpty()) {
      return "the cloud has not given this node any pod address yet";
    }
    return "all pod addresses of this node are taken: "
        + held.size()
        + " held, "
        + resting.size()
        + " resting after use, "
        + answered.size()
        + " given back";
  }
}
