package io.portolan.lab.fabric;

import static java.util.Objects.requireNonNull;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * What the fabric's kernel holds for a set of ports.
 *
 * @param ports by fabric device
 * @param routes which block goes down which cable
 * @param sources which source addresses may come up which cable
 * @param unchecked cables whose source check the cloud has switched off
 * @param gateways router addresses the fabric answers for
 */
public record FabricState(
    NavigableMap<String, Port> ports,
    NavigableSet<Route> routes,
    NavigableSet<Source> sources,
    NavigableSet<String> unchecked,
    NavigableSet<IpAddress> gateways) {

  /** No cable at all. */
  public static final FabricState EMPTY = of(List.of());

  /**
   * A block that goes down a cable, addressed to the interface's MAC through its primary address.
   */
  public record Route(Cidr block, IpAddress via, String device) implements Comparable<Route> {
    @Override
    public int compareTo(Route other) {
      int byBlock = block.compareTo(other.block);
      return byBlock != 0 ? byBlock : device.compareTo(other.device);
    }
  }

  /** A block that may come up a cable as a source. */
  public record Source(String device, Cidr block) implements Comparable<Source> {
    @Override
    public int compareTo(Source other) {
      int byDevice = device.compareTo(other.device);
      return byDevice != 0 ? byDevice : block.compareTo(other.block);
    }
  }

  /** One step from one state to another. */
  public sealed interface Change {
    record RemoveSource(Source source) implements Change {}

    record RemoveUnchecked(String device) implements Change {}

    record RemoveRoute(Route route) implements Change {}

    record Unplug(Port port) implements Change {}

    record AddGateway(IpAddress address) implements Change {}

    record Plug(Port port) implements Change {}

    record AddRoute(Route route) implements Change {}

    record AddUnchecked(String device) implements Change {}

    record AddSource(Source source) implements Change {}
  }

  /** The state for these ports. */
  public static FabricState of(Collection<Port> attached) {
    NavigableMap<String, Port> ports = new TreeMap<>();
    NavigableSet<Route> routes = new TreeSet<>();
    NavigableSet<Source> sources = new TreeSet<>();
    NavigableSet<String> unchecked = new TreeSet<>();
    NavigableSet<IpAddress> gateways = new TreeSet<>();
    for (Port port : attached) {
      String device = port.fabricDevice();
      ports.put(device, port);
      gateways.add(port.gateway());
      for (Cidr block : port.assigned()) {
        routes.add(new Route(block, port.primary(), device));
        sources.add(new Source(device, block));
      }
      if (!port.sourceDestCheck()) {
        unchecked.add(device);
      }
    }
    return new FabricState(ports, routes, sources, unchecked, gateways);
  }

  /**
   * The steps from this state to {@code next}: what is taken away stops working before anything new
   * works, so that no address is ever forwarded to two machines. Gateways stay once they exist.
   */
  public List<Change> to(FabricState next) {
    Set<String> replugged = new TreeSet<>();
    for (Port port : ports.values()) {
      Port same = next.ports.get(port.fabricDevice());
      if (same != null && !samePlug(port, same)) {
        replugged.add(port.fabricDevice());
      }
    }
    List<Change> changes = new ArrayList<>();
    minus(sources, next.sources, s -> replugged.contains(s.device()))
        .forEach(s -> changes.add(new Change.RemoveSource(s)));
    minus(unchecked, next.unchecked, replugged::contains)
        .forEach(d -> changes.add(new Change.RemoveUnchecked(d)));
    minus(routes, next.routes, r -> replugged.contains(r.device()))
        .forEach(r -> changes.add(new Change.RemoveRoute(r)));
    minus(ports.navigableKeySet(), next.ports.navigableKeySet(), replugged::contains)
        .forEach(d -> changes.add(new Change.Unplug(requireNonNull(ports.get(d)))));
    minus(next.gateways, gateways, g -> false).forEach(g -> changes.add(new Change.AddGateway(g)));
    minus(next.ports.navigableKeySet(), ports.navigableKeySet(), replugged::contains)
        .forEach(d -> changes.add(new Change.Plug(requireNonNull(next.ports.get(d)))));
    minus(next.routes, routes, r -> replugged.contains(r.device()))
        .forEach(r -> changes.add(new Change.AddRoute(r)));
    minus(next.unchecked, unchecked, replugged::contains)
        .forEach(d -> changes.add(new Change.AddUnchecked(d)));
    minus(next.sources, sources, s -> replugged.contains(s.device()))
        .forEach(s -> changes.add(new Change.AddSource(s)));
    return changes;
  }

  private static boolean samePlug(Port port, Port other) {
    return port.instanceId().equals(other.instanceId())
        && port.deviceIndex() == other.deviceIndex()
        && port.mac().equals(other.mac());
  }

  /** What is only in the first set, and what is in both but must be made anew. */
  private static <T> List<T> minus(NavigableSet<T> from, NavigableSet<T> what, Predicate<T> anew) {
    return from.stream().filter(item -> !what.contains(item) || anew.test(item)).toList();
  }
}
