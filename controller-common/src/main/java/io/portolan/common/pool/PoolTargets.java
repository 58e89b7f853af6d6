package io.portolan.common.pool;

import io.portolan.common.cloud.Placement;
import java.time.Duration;

/**
 * What the profile asks of a node's pool.
 *
 * @param reserve addresses kept beyond those that pods need, so that the next pod does not wait for
 *     the cloud
 * @param releaseDelay how long an excess must last before addresses are given back
 * @param cooldown how long an address rests after its pod is gone; it counts as needed meanwhile
 * @param maxAddresses upper bound of pod addresses, from the profile and the kubelet's max pods
 * @param prefixes whether whole blocks are preferred to single addresses
 * @param firstDeviceIndex the first device index whose interface carries pod addresses
 * @param rules where new interfaces get their addresses
 * @param exhaustedRetry how long a subnet without free addresses is left alone
 * @param fragmentedRetry how long single addresses are used where no whole block was free
 */
public record PoolTargets(
    int reserve,
    Duration releaseDelay,
    Duration cooldown,
    int maxAddresses,
    boolean prefixes,
    int firstDeviceIndex,
    Placement.Rules rules,
    Duration exhaustedRetry,
    Duration fragmentedRetry) {

  /** The defaults of NetworkProfile, with single addresses. */
  public static final PoolTargets DEFAULT =
      new PoolTargets(
          2,
          Duration.ofMinutes(5),
          Duration.ofSeconds(30),
          Integer.MAX_VALUE,
          false,
          0,
          Placement.Rules.NONE,
          Duration.ofMinutes(1),
          Duration.ofMinutes(10));

  public PoolTargets {
    if (reserve < 0 || maxAddresses < 0 || firstDeviceIndex < 0) {
      throw new IllegalArgumentException(
          "reserve, maxAddresses and firstDeviceIndex are not negative");
    }
    for (Duration duration : new Duration[] {releaseDelay, cooldown}) {
      if (duration.isNegative()) {
        throw new IllegalArgumentException("releaseDelay and cooldown are not negative");
      }
    }
    // A retry at once would repeat the refused call in the same pass for ever.
    if (!exhaustedRetry.isPositive() || !fragmentedRetry.isPositive()) {
      throw new IllegalArgumentException("exhaustedRetry and fragmentedRetry are positive");
    }
  }

  public PoolTargets withReserve(int newReserve) {
    return new PoolTargets(
        newReserve,
        releaseDelay,
        cooldown,
        maxAddresses,
        prefixes,
        firstDeviceIndex,
        rules,
        exhaustedRetry,
        fragmentedRetry);
  }

  public PoolTargets withPrefixes(boolean newPrefixes) {
    return new PoolTargets(
        reserve,
        releaseDelay,
        cooldown,
        maxAddresses,
        newPrefixes,
        firstDeviceIndex,
        rules,
        exhaustedRetry,
        fragmentedRetry);
  }

  public PoolTargets withMaxAddresses(int newMaxAddresses) {
    return new PoolTargets(
        reserve,
        releaseDelay,
        cooldown,
        newMaxAddresses,
        prefixes,
        firstDeviceIndex,
        rules,
        exhaustedRetry,
        fragmentedRetry);
  }
}
