package io.portolan.calico.ipam;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.time.Instant;
import java.util.Map;

/**
 * Since when things look unused. Forgotten with the process, which costs one more grace period.
 *
 * @param leaks allocations whose pod does not have them
 * @param emptyBlocks blocks without addresses
 * @param idleObjects handles without addresses, and affinities without blocks
 */
public record LeakMemory(
    Map<Allocation, Instant> leaks,
    Map<EmptyBlock, Instant> emptyBlocks,
    Map<IdleObject, Instant> idleObjects) {
  public static final LeakMemory EMPTY = new LeakMemory(Map.of(), Map.of(), Map.of());

  public LeakMemory {
    leaks = Map.copyOf(leaks);
    emptyBlocks = Map.copyOf(emptyBlocks);
    idleObjects = Map.copyOf(idleObjects);
  }

  /** One assignment of an address. */
  public record Allocation(IpAddress address, String handle, long sequence) {}

  /** A block, as long as nothing is written to it. */
  public record EmptyBlock(Cidr cidr, long sequence) {}

  /** An object, as long as nothing is written to it. */
  public record IdleObject(String name, String resourceVersion) {}
}
