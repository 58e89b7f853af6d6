package io.portolan.calico.routing;

import io.portolan.calico.routing.RoutingObject.Blackhole;
import io.portolan.calico.routing.RoutingObject.ClusterRoute;
import io.portolan.calico.routing.RoutingObject.Setting;
import io.portolan.calico.routing.RoutingObject.TunnelAddress;
import io.portolan.calico.routing.RoutingObject.TunnelEntry;
import io.portolan.calico.routing.RoutingObject.TunnelNeighbor;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What of ours is, or is to be, in the kernel.
 *
 * @param rules empty if there are none
 * @param links tunnel devices by name
 * @param objects the rest by key
 */
public record RoutingState(
    Optional<PacketRules> rules,
    Map<String, TunnelLink> links,
    Map<String, RoutingObject> objects) {
  public static final RoutingState EMPTY = new RoutingState(Optional.empty(), Map.of(), Map.of());

  private static final Comparator<RoutingObject> ORDER =
      Comparator.<RoutingObject>comparingInt(RoutingState::rank).thenComparing(RoutingObject::key);

  public RoutingState {
    links = Map.copyOf(links);
    objects = Map.copyOf(objects);
  }

  /** Of several objects under one key the last counts. */
  public static RoutingState of(
      Optional<PacketRules> rules,
      Collection<TunnelLink> links,
      Collection<RoutingObject> objects) {
    Map<String, RoutingObject> byKey = new HashMap<>();
    objects.forEach(o -> byKey.put(o.key(), o));
    return new RoutingState(
        rules, links.stream().collect(Collectors.toMap(TunnelLink::name, l -> l)), byKey);
  }

  private static int rank(RoutingObject object) {
    return switch (object) {
      case Setting _ -> 0;
      case TunnelAddress _ -> 1;
      case TunnelNeighbor _ -> 2;
      case TunnelEntry _ -> 3;
      case Blackhole _ -> 4;
      // First what next hops are reached by.
      case ClusterRoute route -> route.via().isEmpty() ? 5 : 6;
    };
  }

  /**
   * The changes that make {@code observed} this, in order: rules, devices, what routes need,
   * routes; then what is no longer wanted goes, routes first. A route whose way changes is
   * overwritten, so that no packet meets a gap. After a crash between any two changes the next
   * observation leads to the remaining ones.
   */
  public List<RoutingChange> changesFrom(RoutingState observed) {
    List<RoutingChange> changes = new ArrayList<>();
    if (!rules.equals(observed.rules)) {
      changes.add(new RoutingChange.Rules(observed.rules, rules));
    }
    Set<String> renewed = new HashSet<>();
    new TreeMap<>(links)
        .forEach((name, link) -> {
          TunnelLink present = observed.links.get(name);
          if (present == null || !link.adjustableFrom(present)) {
            renewed.add(name);
            changes.add(new RoutingChange.Make(link, present != null));
          } else if (!link.equals(present)) {
            changes.add(new RoutingChange.Adjust(link));
          }
        });
    Map<String, RoutingObject> present = new HashMap<>(observed.objects);
    // With a device goes what is on it.
    present
        .values()
        .removeIf(o ->
            o.device()
                .filter(d ->
                    renewed.contains(d) || (observed.links.containsKey(d) && !links.containsKey(d)))
                .isPresent());
    objects.values().stream()
        .filter(o -> !Objects.equals(o, present.get(o.key())))
        .sorted(ORDER)
        .forEach(o -> changes.add(new RoutingChange.Put(o)));
    present.values().stream()
        .filter(o -> !objects.containsKey(o.key()) && !(o instanceof Setting))
        .sorted(ORDER.reversed())
        .forEach(o -> changes.add(new RoutingChange.Remove(o)));
    observed.links.keySet().stream()
        .filter(name -> !links.containsKey(name))
        .sorted()
        .forEach(name -> changes.add(new RoutingChange.RemoveLink(name)));
    return changes;
  }

  /** One line each, devices first. */
  @Override
  public String toString() {
    return Stream.of(
            rules.stream().map(Object::toString),
            new TreeMap<>(links).values().stream().map(Object::toString),
            objects.values().stream().sorted(ORDER).map(Object::toString))
        .flatMap(lines -> lines)
        .collect(Collectors.joining("\n"));
  }
}
