package io.portolan.node.ipam;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * One block of the supply: a single address, or a prefix whose addresses come to life one by one as
 * they are needed (a /80 has 2^48 of them).
 */
final class PoolBlock {
  /** No block counts for more addresses than this. */
  static final long MAX_SIZE = 1L << 61;

  private final Cidr cidr;
  private final int deviceIndex;
  private final long last;
  private final long size;
  private long untouched;

  /** Addresses that were held once and are free again, longest rested first. */
  private final Map<IpAddress, Instant> rested = new LinkedHashMap<>();

  /**
   * @param wholeSubnet whether the block is a subnet of its own, whose network, router (first) and
   *     broadcast addresses are not for pods
   */
  PoolBlock(Cidr cidr, int deviceIndex, boolean wholeSubnet) {
    this.cidr = cidr;
    this.deviceIndex = deviceIndex;
    int hostBits = Math.min(62, cidr.family().bits() - cidr.prefixLength());
    boolean reserves = wholeSubnet && hostBits >= 2;
    this.untouched = reserves ? 2 : 0;
    this.last = (1L << hostBits) - (reserves ? 2 : 1);
    this.size = Math.min(last - untouched + 1, MAX_SIZE);
  }

  Cidr cidr() {
    return cidr;
  }

  int deviceIndex() {
    return deviceIndex;
  }

  /** How many addresses of it pods could hold; at most {@link #MAX_SIZE}. */
  long size() {
    return size;
  }

  void restore(IpAddress address, Instant since) {
    rested.put(address, since);
  }

  /**
   * The next address to give: one never held before, else the one that rested longest.
   *
   * @param busy addresses that must not be given
   */
  Optional<IpAddress> next(Predicate<IpAddress> busy) {
    while (untouched <= last) {
      IpAddress candidate = cidr.address(untouched);
      if (!busy.test(candidate) && !rested.containsKey(candidate)) {
        return Optional.of(candidate);
      }
      untouched++;
    }
    Iterator<IpAddress> free = rested.keySet().iterator();
    return free.hasNext() ? Optional.of(free.next()) : Optional.empty();
  }

  /** Since when {@link #next} is free; the epoch for an address never held. */
  Instant freeSince(IpAddress next) {
    return rested.getOrDefault(next, Instant.EPOCH);
  }

  void taken(IpAddress address) {
    rested.remove(address);
  }
}
