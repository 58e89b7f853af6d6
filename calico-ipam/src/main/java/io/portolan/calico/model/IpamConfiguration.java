package io.portolan.calico.model;

import java.time.Duration;

/**
 * What holds for the whole cluster.
 *
 * @param strictAffinity no node takes an address of another's block
 * @param autoAllocateBlocks nodes claim blocks as they need them
 * @param maxBlocksPerHost 0 for the default of 20; counts each family for itself
 * @param cooldown how long a released address is not used
 */
public record IpamConfiguration(
    boolean strictAffinity, boolean autoAllocateBlocks, int maxBlocksPerHost, Duration cooldown) {
  /** Where a cluster says nothing. */
  public static final IpamConfiguration DEFAULT =
      new IpamConfiguration(false, true, 0, Duration.ZERO);

  private static final int BLOCKS = 20;

  /** How many blocks of one family a node may have. */
  public int blockLimit() {
    return maxBlocksPerHost == 0 ? BLOCKS : maxBlocksPerHost;
  }
}
