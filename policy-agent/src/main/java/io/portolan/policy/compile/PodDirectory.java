package io.portolan.policy.compile;

import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.EndpointId;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.PodName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The pods of the cluster and who owns which address.
 *
 * <p>For a moment two pods may claim one address: the status of the old one lags behind, or its end
 * was missed. The owner is the one wired with it on this node, else the one created last, so that
 * no pod is ever taken for its predecessor. The answer depends on the claims alone, not on the
 * order they arrived in.
 */
final class PodDirectory {
  private final Map<PodName, ClusterPod> pods = new HashMap<>();
  private final Map<String, Map<PodName, ClusterPod>> byNamespace = new HashMap<>();

  /** By pod UID, then by interface. */
  private final Map<String, Map<EndpointId, LocalPod>> wired = new HashMap<>();

  private final Map<IpAddress, List<ClusterPod>> claims = new HashMap<>();

  Optional<ClusterPod> pod(PodName name) {
    return Optional.ofNullable(pods.get(name));
  }

  Collection<ClusterPod> inNamespace(String namespace) {
    return byNamespace.getOrDefault(namespace, Map.of()).values();
  }

  void put(ClusterPod pod) {
    remove(pod.name());
    pods.put(pod.name(), pod);
    byNamespace.computeIfAbsent(pod.name().namespace(), _ -> new HashMap<>()).put(pod.name(), pod);
    claim(pod);
  }

  void remove(PodName name) {
    ClusterPod old = pods.remove(name);
    if (old != null) {
      withdraw(old);
      Map<PodName, ClusterPod> namesakes = byNamespace.get(name.namespace());
      if (namesakes != null && namesakes.remove(name) != null && namesakes.isEmpty()) {
        byNamespace.remove(name.namespace());
      }
    }
  }

  void wire(LocalPod local) {
    Optional<ClusterPod> known = ofUid(local);
    known.ifPresent(this::withdraw);
    wired.computeIfAbsent(local.uid(), _ -> new TreeMap<>()).put(local.id(), local);
    known.ifPresent(this::claim);
  }

  void unwire(LocalPod local) {
    Optional<ClusterPod> known = ofUid(local);
    known.ifPresent(this::withdraw);
    Map<EndpointId, LocalPod> endpoints = wired.get(local.uid());
    if (endpoints != null && endpoints.remove(local.id()) != null && endpoints.isEmpty()) {
      wired.remove(local.uid());
    }
    known.ifPresent(this::claim);
  }

  /** The API's view of a pod wired here, if it is the same pod and not just its namesake. */
  Optional<ClusterPod> ofUid(LocalPod local) {
    return pod(local.name()).filter(pod -> pod.uid().equals(local.uid()));
  }

  /** Addresses a pod claims: those it was wired with, which its status may not show yet. */
  List<IpAddress> claimed(ClusterPod pod) {
    Collection<LocalPod> endpoints = endpoints(pod);
    return endpoints.isEmpty() || pod.finished()
        ? pod.addresses()
        : endpoints.stream().flatMap(local -> local.addresses().stream()).toList();
  }

  /** Addresses that are the pod's and no other's. */
  List<IpAddress> owned(ClusterPod pod) {
    List<IpAddress> owned = new ArrayList<>();
    for (IpAddress address : claimed(pod)) {
      List<ClusterPod> rivals = claims.getOrDefault(address, List.of());
      if (rivals.size() == 1 || pod.equals(owner(address, rivals))) {
        owned.add(address);
      }
    }
    return owned;
  }

  /** Whose an address is. */
  Optional<ClusterPod> owner(IpAddress address) {
    List<ClusterPod> rivals = claims.getOrDefault(address, List.of());
    return rivals.isEmpty() ? Optional.empty() : Optional.of(owner(address, rivals));
  }

  /** Every pod whose ownership may change together with these addresses. */
  Set<PodName> claimants(Collection<IpAddress> addresses) {
    Set<PodName> names = new HashSet<>();
    addresses.forEach(
        address -> claims.getOrDefault(address, List.of()).forEach(pod -> names.add(pod.name())));
    return names;
  }

  private ClusterPod owner(IpAddress address, List<ClusterPod> rivals) {
    return rivals.stream()
        .max(
            java.util.Comparator.comparing((ClusterPod pod) -> isWiredWith(pod, address))
                .thenComparing(ClusterPod.BY_AGE))
        .orElseThrow();
  }

  private boolean isWiredWith(ClusterPod pod, IpAddress address) {
    return endpoints(pod).stream().anyMatch(local -> local.addresses().contains(address));
  }

  private Collection<LocalPod> endpoints(ClusterPod pod) {
    return wired.getOrDefault(pod.uid(), Map.of()).values();
  }

  private void claim(ClusterPod pod) {
    claimed(pod).forEach(a -> claims.computeIfAbsent(a, _ -> new ArrayList<>(1)).add(pod));
  }

  private void withdraw(ClusterPod pod) {
    for (IpAddress address : claimed(pod)) {
      List<ClusterPod> rivals = claims.get(address);
      if (rivals != null && rivals.remove(pod) && rivals.isEmpty()) {
        claims.remove(address);
      }
    }
  }
}
