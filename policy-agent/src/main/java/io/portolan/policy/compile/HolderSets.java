package io.portolan.policy.compile;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftSet;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Skeleton;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Nodes and domain names, and the sets that hold their addresses.
 *
 * <p>An address stays in a set as long as one of its holders belongs there, whatever becomes of the
 * others. A change costs the addresses it touches, times the sets in use, which are few.
 */
final class HolderSets {
  private final DesiredTable table;
  private final Map<String, AddressHolder> holders = new HashMap<>();
  private final Map<IpAddress, Set<AddressHolder>> byAddress = new HashMap<>();
  private final Map<SetSpec.OfHolders, NftSet> sets = new HashMap<>();

  HolderSets(DesiredTable table) {
    this.table = table;
  }

  /** Fills a set that is in the table and empty, and keeps it from now on. */
  void acquire(SetSpec.OfHolders spec, NftSet set) {
    sets.put(spec, set);
    holders.values().stream()
        .filter(spec::includes)
        .flatMap(holder -> holder.addresses().stream())
        .filter(address -> address.family() == spec.family())
        .forEach(address -> table.putElement(set.name(), element(address)));
  }

  void release(SetSpec.OfHolders spec) {
    sets.remove(spec);
  }

  void changeNode(String name, Optional<AddressHolder.Node> next) {
    change("node " + name, next);
  }

  void changeDomain(AddressHolder.Domain domain) {
    change("domain " + domain.name(), Optional.of(domain).filter(d -> !d.addresses().isEmpty()));
  }

  private void change(String key, Optional<? extends AddressHolder> next) {
    Optional<AddressHolder> old = Optional.ofNullable(holders.get(key));
    if (old.equals(next)) {
      return;
    }
    Set<IpAddress> touched = new HashSet<>();
    old.ifPresent(holder -> {
      holders.remove(key);
      for (IpAddress address : holder.addresses()) {
        touched.add(address);
        byAddress.computeIfPresent(
            address, (_, some) -> some.remove(holder) && some.isEmpty() ? null : some);
      }
    });
    next.ifPresent(holder -> {
      holders.put(key, holder);
      for (IpAddress address : holder.addresses()) {
        touched.add(address);
        byAddress.computeIfAbsent(address, _ -> new HashSet<>()).add(holder);
      }
    });
    touched.forEach(this::place);
  }

  private void place(IpAddress address) {
    Set<AddressHolder> some = byAddress.getOrDefault(address, Set.of());
    sets.forEach((spec, set) -> {
      if (address.family() != spec.family()) {
        return;
      }
      NftElement element = element(address);
      if (some.stream().anyMatch(spec::includes)) {
        table.putElement(set.name(), element);
      } else {
        table.removeElement(set.name(), element.key());
      }
    });
  }

  private static NftElement element(IpAddress address) {
    return NftElement.of(Skeleton.value(address));
  }
}
