package io.portolan.lab.policy;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.packet.Station;
import io.portolan.linux.route.RouteBatch;
import io.portolan.linux.route.RouteSocket;
import io.portolan.policy.cases.AddressHolders.HoldingPod;
import io.portolan.policy.cases.ClusterState;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.PodName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A node: its namespace, its policy engine, its pods. Namespaces of pods that went are used for
 * others.
 *
 * <p>Not thread-safe.
 */
final class PolicyNode implements AutoCloseable {
  private final NetworkNamespace namespace = Wiring.router();
  private final RouteSocket routes = RouteSocket.openIn(namespace);
  private final int loopback = routes.link("lo").orElseThrow().index();
  private final NodePolicy policy = new NodePolicy(namespace);
  private final Station station = Station.machine(namespace);
  private final Map<PodName, PodSlot> slots = new HashMap<>();
  private final Deque<PodSlot> free = new ArrayDeque<>();
  private final RouteSocket fabric;

  /** The fabric's end of the link. */
  private final int uplink;

  private Set<IpAddress> own = Set.of();
  private Set<IpAddress> routed = Set.of();
  private int slotsMade;

  PolicyNode(RouteSocket fabric, String device) {
    this.fabric = fabric;
    uplink = Wiring.connect(fabric, device, namespace);
  }

  /** The node itself. */
  Station station() {
    return station;
  }

  Station station(PodName pod) {
    return Objects.requireNonNull(slots.get(pod), () -> "no pod " + pod).station();
  }

  /**
   * Takes addresses away that are about to be used elsewhere.
   *
   * @param pods to stay
   * @param addresses of the node itself
   */
  void clear(Collection<HoldingPod> pods, Set<IpAddress> addresses) {
    Map<PodName, List<IpAddress>> staying = new HashMap<>();
    pods.forEach(pod -> staying.put(pod.name(), pod.addresses()));
    slots
        .entrySet()
        .removeIf(entry -> {
          PodSlot slot = entry.getValue();
          List<IpAddress> next = staying.getOrDefault(entry.getKey(), List.of());
          slot.readdress(routes, slot.addresses().stream().filter(next::contains).toList());
          boolean gone = !staying.containsKey(entry.getKey());
          if (gone) {
            free.add(slot);
          }
          return gone;
        });
    own(intersection(own, addresses));
    Set<IpAddress> left = new HashSet<>(own);
    slots.values().forEach(slot -> left.addAll(slot.addresses()));
    route(left);
  }

  /**
   * Wires the pods, after {@link #clear} of all nodes, and returns when their policy is in force.
   */
  void become(ClusterState state, Collection<HoldingPod> pods, Set<IpAddress> addresses) {
    own(addresses);
    Set<IpAddress> all = new HashSet<>(addresses);
    List<LocalPod> local = new ArrayList<>();
    for (HoldingPod pod : pods) {
      PodSlot slot = slots.computeIfAbsent(pod.name(), _ -> slot());
      slot.readdress(routes, pod.addresses());
      all.addAll(pod.addresses());
      local.add(new LocalPod(pod.name(), pod.uid(), slot.hostInterface(), pod.addresses()));
    }
    route(all);
    policy.become(state, local);
  }

  void forgetConnections() {
    policy.forgetConnections();
  }

  private PodSlot slot() {
    return free.isEmpty() ? new PodSlot(routes, "pod" + slotsMade++) : free.remove();
  }

  private void own(Set<IpAddress> next) {
    RouteBatch batch = new RouteBatch();
    difference(own, next).forEach(address -> batch.delete(Wiring.own(address, loopback)));
    difference(next, own).forEach(address -> batch.add(Wiring.own(address, loopback)));
    routes.apply(batch);
    own = Set.copyOf(next);
  }

  private void route(Set<IpAddress> next) {
    RouteBatch batch = new RouteBatch();
    difference(routed, next).forEach(address -> batch.delete(Wiring.down(address, uplink)));
    difference(next, routed).forEach(address -> batch.add(Wiring.down(address, uplink)));
    fabric.apply(batch);
    routed = Set.copyOf(next);
  }

  private static Set<IpAddress> difference(Set<IpAddress> one, Set<IpAddress> other) {
    Set<IpAddress> difference = new HashSet<>(one);
    difference.removeAll(other);
    return difference;
  }

  private static Set<IpAddress> intersection(Set<IpAddress> one, Set<IpAddress> other) {
    Set<IpAddress> both = new HashSet<>(one);
    both.retainAll(other);
    return both;
  }

  @Override
  public void close() {
    policy.close();
    slots.values().forEach(PodSlot::close);
    free.forEach(PodSlot::close);
    station.close();
    routes.close();
    namespace.close();
  }
}
