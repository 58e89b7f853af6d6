package io.portolan.policy.compile;

import io.portolan.policy.model.NetworkSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The network sets of the cluster; there are few. */
final class NetworkSets {
  private final Map<Name, NetworkSet> sets = new HashMap<>();

  /**
   * @param namespace empty for a GlobalNetworkSet
   */
  record Name(String namespace, String name) {}

  Optional<NetworkSet> get(Name name) {
    return Optional.ofNullable(sets.get(name));
  }

  /** Empty takes it away. */
  void put(Name name, Optional<NetworkSet> next) {
    next.ifPresentOrElse(set -> sets.put(name, set), () -> sets.remove(name));
  }

  Collection<NetworkSet> all() {
    return sets.values();
  }

  List<NetworkSet> inNamespace(String namespace) {
    return sets.values().stream().filter(set -> set.namespace().equals(namespace)).toList();
  }
}
