package io.portolan.common.cloud;

import java.time.Duration;

/**
 * What a cloud can do, as data, so that one planner serves all.
 *
 * @param createsInterfaces whether interfaces can be added to a running machine; without it only
 *     the interfaces a machine was born with carry pod addresses (Azure, Google)
 * @param deleteWithMachineIsSeparate whether "delete with the machine" must be set by its own call
 *     after attaching (EC2)
 * @param maxAddressesPerCall addresses or prefixes one assign or unassign call may carry
 * @param prefixes whether whole blocks can be assigned to interfaces
 * @param consistencyLag how long a reading may still miss an accepted write
 * @param settleTime how long attaching, detaching and the like normally take at most; beyond it the
 *     interface counts as stuck
 */
public record CloudCapabilities(
    boolean createsInterfaces,
    boolean deleteWithMachineIsSeparate,
    int maxAddressesPerCall,
    boolean prefixes,
    Duration consistencyLag,
    Duration settleTime) {
  public CloudCapabilities {
    if (maxAddressesPerCall < 1) {
      throw new IllegalArgumentException("maxAddressesPerCall is at least 1");
    }
    if (consistencyLag.isNegative() || settleTime.isNegative()) {
      throw new IllegalArgumentException("consistencyLag and settleTime are not negative");
    }
  }
}
