package io.portolan.policy.compile;

import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.Failsafe;
import io.portolan.policy.model.HostEndpoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** The host endpoints of the cluster, and which of them are for interfaces of this node. */
final class HostDirectory {
  /** By name: of several that are for one interface the first is. */
  private final TreeMap<String, HostEndpoint> endpoints = new TreeMap<>();

  private final Map<String, ClusterChange.FailsafesSeen> configurations = new HashMap<>();
  private final Map<IpAddress, Set<String>> byAddress = new HashMap<>();
  private Optional<ClusterChange.ThisNode> node = Optional.empty();

  /** Found again after a change. */
  private Optional<Active> known = Optional.empty();

  /** The name under which a configuration is everybody's. */
  private static final String DEFAULT = "default";

  /**
   * The host endpoints in force on this node.
   *
   * @param named by interface
   * @param any for all other interfaces
   */
  record Active(TreeMap<String, HostEndpoint> named, Optional<HostEndpoint> any) {
    Collection<HostEndpoint> all() {
      List<HostEndpoint> all = new ArrayList<>(named.values());
      any.ifPresent(all::add);
      return all;
    }
  }

  Optional<HostEndpoint> get(String name) {
    return Optional.ofNullable(endpoints.get(name));
  }

  Collection<HostEndpoint> all() {
    return endpoints.values();
  }

  /** Empty takes it away. */
  void put(String name, Optional<HostEndpoint> next) {
    known = Optional.empty();
    HostEndpoint old = endpoints.remove(name);
    if (old != null) {
      for (IpAddress address : old.expected()) {
        byAddress.computeIfPresent(
            address, (_, names) -> names.remove(name) && names.isEmpty() ? null : names);
      }
    }
    next.ifPresent(endpoint -> {
      endpoints.put(name, endpoint);
      for (IpAddress address : endpoint.expected()) {
        byAddress.computeIfAbsent(address, _ -> new HashSet<>()).add(name);
      }
    });
  }

  /** Those that share an address with one of these. */
  List<HostEndpoint> sharing(Collection<IpAddress> addresses) {
    return addresses.stream()
        .flatMap(address -> byAddress.getOrDefault(address, Set.of()).stream())
        .distinct()
        .map(name -> Objects.requireNonNull(endpoints.get(name)))
        .toList();
  }

  /** Whether anything changed. */
  boolean put(ClusterChange.FailsafesSeen configuration) {
    return !configuration.equals(configurations.put(configuration.name(), configuration));
  }

  /** Whether anything changed. */
  boolean put(ClusterChange.ThisNode next) {
    boolean changed = !node.equals(Optional.of(next));
    node = Optional.of(next);
    known = Optional.empty();
    return changed;
  }

  /**
   * Those of this node: for an interface the one that names it or, naming none, expects one of its
   * addresses.
   */
  Active active() {
    Active found = known.orElseGet(this::find);
    known = Optional.of(found);
    return found;
  }

  private Active find() {
    TreeMap<String, HostEndpoint> named = new TreeMap<>();
    Optional<HostEndpoint> any = Optional.empty();
    for (HostEndpoint endpoint : endpoints.values()) {
      if (node.filter(n -> n.name().equals(endpoint.node())).isEmpty()) {
        continue;
      }
      if (endpoint.isOfEveryInterface()) {
        any = any.or(() -> Optional.of(endpoint));
      } else {
        links(endpoint).forEach(link -> named.putIfAbsent(link, endpoint));
      }
    }
    return new Active(named, any);
  }

  private List<String> links(HostEndpoint endpoint) {
    if (!endpoint.interfaceName().isEmpty()) {
      return List.of(endpoint.interfaceName());
    }
    return node.stream()
        .flatMap(n -> n.interfaces().entrySet().stream())
        .filter(link -> link.getValue().stream().anyMatch(endpoint.expected()::contains))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Ports that stay open for connections to this node. */
  List<Failsafe> inbound() {
    return failsafes(ClusterChange.FailsafesSeen::inbound).orElse(Failsafe.INBOUND);
  }

  /** Ports that stay open for connections of this node. */
  List<Failsafe> outbound() {
    return failsafes(ClusterChange.FailsafesSeen::outbound).orElse(Failsafe.OUTBOUND);
  }

  private Optional<List<Failsafe>> failsafes(
      Function<ClusterChange.FailsafesSeen, Optional<List<Failsafe>>> list) {
    return node.map(n -> configurations.get("node." + n.name()))
        .flatMap(list)
        .or(() -> Optional.ofNullable(configurations.get(DEFAULT)).flatMap(list))
        .map(some ->
            some.stream().distinct().sorted(Comparator.comparing(Failsafe::toString)).toList());
  }
}
