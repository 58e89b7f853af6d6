package io.portolan.common.cloud;

/**
 * What one type of machine can hold.
 *
 * @param networkCards how many network cards it has; at least 1
 * @param interfacesPerCard how many interfaces each card carries, the primary one included
 * @param slotsPerInterface single addresses or prefixes per interface, its own primary address not
 *     counted; EC2 publishes the number with it
 * @param prefixes whether prefixes can be assigned (EC2: Nitro or bare metal)
 * @param prefixLength the length of an assigned IPv4 prefix: 28 on EC2 and for Google blocks
 * @param maxAddresses further bound on pod addresses of the whole machine (Azure: 256 for each
 *     machine over all its interfaces); {@link Integer#MAX_VALUE} if there is none
 */
public record InstanceLimits(
    int networkCards,
    int interfacesPerCard,
    int slotsPerInterface,
    boolean prefixes,
    int prefixLength,
    int maxAddresses) {
  public InstanceLimits {
    if (networkCards < 1 || interfacesPerCard < 1) {
      throw new IllegalArgumentException("a machine has at least one card and one interface");
    }
    if (slotsPerInterface < 0 || maxAddresses < 0) {
      throw new IllegalArgumentException("slotsPerInterface and maxAddresses are not negative");
    }
    if (prefixLength < 16 || prefixLength > 32) {
      throw new IllegalArgumentException("prefixLength is 16 to 32, not " + prefixLength);
    }
  }

  /** Addresses in one prefix. */
  public int addressesPerPrefix() {
    return 1 << (32 - prefixLength);
  }

  /** Interfaces on all cards, the primary one included. */
  public int interfaces() {
    return networkCards * interfacesPerCard;
  }
}
