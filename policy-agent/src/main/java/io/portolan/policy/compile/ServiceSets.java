package io.portolan.policy.compile;

import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftKeyPart;
import io.portolan.linux.nft.NftSet;
import io.portolan.policy.model.EndpointSlice;
import io.portolan.policy.model.ServiceName;
import io.portolan.policy.nft.DesiredTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Endpoints of services, and the sets that hold them.
 *
 * <p>Several slices of a service may hold the same endpoint, for a moment while it moves from one
 * to another, so elements are counted. A change costs the slice it touches.
 */
final class ServiceSets {
  private final DesiredTable table;
  private final Map<ServiceName, Map<String, EndpointSlice>> slices = new HashMap<>();

  /** By namespace and name of a slice, the service it belongs to. */
  private final Map<ServiceName, ServiceName> owners = new HashMap<>();

  private final Map<ServiceName, Map<SetSpec.Endpoints, Members>> sets = new HashMap<>();

  ServiceSets(DesiredTable table) {
    this.table = table;
  }

  private record Members(NftSet set, Map<List<NftKeyPart>, Integer> counts) {}

  /** Fills a set that is in the table and empty, and keeps it from now on. */
  void acquire(SetSpec.Endpoints spec, NftSet set) {
    Members members = new Members(set, new HashMap<>());
    sets.computeIfAbsent(spec.service(), _ -> new HashMap<>()).put(spec, members);
    slices.getOrDefault(spec.service(), Map.of()).values().forEach(s -> add(spec, members, s));
  }

  void release(SetSpec.Endpoints spec) {
    Map<SetSpec.Endpoints, Members> ofService = Objects.requireNonNull(sets.get(spec.service()));
    ofService.remove(spec);
    if (ofService.isEmpty()) {
      sets.remove(spec.service());
    }
  }

  /** Takes a slice in, or away if it is empty. */
  void change(String namespace, String name, Optional<EndpointSlice> next) {
    ServiceName id = new ServiceName(namespace, name);
    ServiceName before = owners.remove(id);
    Optional<EndpointSlice> old =
        Optional.ofNullable(before).map(service -> withdraw(service, name));
    next.ifPresent(slice -> {
      owners.put(id, slice.service());
      slices.computeIfAbsent(slice.service(), _ -> new TreeMap<>()).put(name, slice);
    });
    if (old.equals(next)) {
      return;
    }
    next.ifPresent(slice -> of(slice).forEach((spec, members) -> add(spec, members, slice)));
    old.ifPresent(slice -> of(slice).forEach((spec, members) -> remove(spec, members, slice)));
  }

  private EndpointSlice withdraw(ServiceName service, String name) {
    Map<String, EndpointSlice> ofService = Objects.requireNonNull(slices.get(service));
    EndpointSlice slice = Objects.requireNonNull(ofService.remove(name));
    if (ofService.isEmpty()) {
      slices.remove(service);
    }
    return slice;
  }

  private Map<SetSpec.Endpoints, Members> of(EndpointSlice slice) {
    return sets.getOrDefault(slice.service(), Map.of());
  }

  private void add(SetSpec.Endpoints spec, Members members, EndpointSlice slice) {
    for (NftElement element : spec.elementsOf(slice)) {
      if (members.counts().merge(element.key(), 1, Integer::sum) == 1) {
        table.putElement(members.set().name(), element);
      }
    }
  }

  private void remove(SetSpec.Endpoints spec, Members members, EndpointSlice slice) {
    for (NftElement element : spec.elementsOf(slice)) {
      if (members.counts().merge(element.key(), -1, (n, one) -> n + one > 0 ? n + one : null)
          == null) {
        table.removeElement(members.set().name(), element.key());
      }
    }
  }
}
