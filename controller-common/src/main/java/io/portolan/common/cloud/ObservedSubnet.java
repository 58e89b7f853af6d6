package io.portolan.common.cloud;

import io.portolan.common.net.Cidr;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A subnet that interfaces may take addresses from.
 *
 * @param zone the zone it is in; empty where subnets span zones
 * @param cidrs its blocks, one per family
 * @param freeAddresses how many single IPv4 addresses the cloud says are free; empty where the
 *     cloud does not say. Says nothing about whole prefixes: no cloud shows fragmentation
 * @param tags the cloud's tags or labels
 */
public record ObservedSubnet(
    SubnetId id,
    String zone,
    List<Cidr> cidrs,
    OptionalInt freeAddresses,
    SortedMap<String, String> tags) {
  public ObservedSubnet {
    cidrs = cidrs.stream().sorted().toList();
    tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
  }

  /** Whether the subnet carries every one of {@code wanted}, with the same values. */
  public boolean hasTags(Map<String, String> wanted) {
    return tags.entrySet().containsAll(wanted.entrySet());
  }
}
