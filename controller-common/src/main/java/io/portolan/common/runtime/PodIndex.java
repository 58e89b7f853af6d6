package io.portolan.common.runtime;

import io.portolan.common.cloud.NodeName;
import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.ObjectKey;
import io.portolan.common.kube.PodRecord;
import io.portolan.common.net.IpAddress;
import io.portolan.common.pool.NodeDemand;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The pods that need an address, by node. Fed by one watch, asked from any thread; the monitor
 * guards arithmetic only.
 */
final class PodIndex {
  /** Longer than any cool-down a profile may reasonably ask for. */
  private static final Duration REMEMBERED = Duration.ofMinutes(10);

  private final InstantSource time;
  private final Consumer<NodeName> changed;
  private final Map<ObjectKey, Place> places = new HashMap<>();
  private final Map<NodeName, Map<ObjectKey, List<IpAddress>>> byNode = new HashMap<>();
  private final Map<NodeName, Deque<Instant>> departures = new HashMap<>();

  /** Where a pod that needs an address is, and which it has. */
  private record Place(NodeName node, List<IpAddress> ips) {}

  /**
   * @param changed told of each node whose demand has changed, outside the monitor
   */
  PodIndex(InstantSource time, Consumer<NodeName> changed) {
    this.time = time;
    this.changed = changed;
  }

  void accept(KubeEvent<PodRecord> event) {
    Set<NodeName> touched = apply(event);
    touched.forEach(changed);
  }

  private synchronized Set<NodeName> apply(KubeEvent<PodRecord> event) {
    Set<NodeName> touched = new HashSet<>();
    switch (event) {
      case KubeEvent.Synced<PodRecord> synced -> {
        Set<ObjectKey> gone = new HashSet<>(places.keySet());
        synced.objects().forEach(pod -> gone.remove(pod.key()));
        gone.forEach(key -> put(key, Optional.empty(), touched));
        synced.objects().forEach(pod -> put(pod.key(), place(pod), touched));
      }
      case KubeEvent.Upsert<PodRecord> upsert ->
          put(upsert.object().key(), place(upsert.object()), touched);
      case KubeEvent.Delete<PodRecord> delete -> put(delete.key(), Optional.empty(), touched);
      case KubeEvent.Disconnected<PodRecord> _, KubeEvent.Resumed<PodRecord> _ -> {}
    }
    return touched;
  }

  private static Optional<Place> place(PodRecord pod) {
    return pod.needsAddress()
        ? Optional.of(new Place(new NodeName(pod.node()), pod.ips()))
        : Optional.empty();
  }

  private void put(ObjectKey key, Optional<Place> now, Set<NodeName> touched) {
    Optional<Place> before = Optional.ofNullable(places.get(key));
    if (before.equals(now)) {
      return;
    }
    before.ifPresent(place -> leave(key, place, now, touched));
    now.ifPresent(place -> {
      places.put(key, place);
      byNode.computeIfAbsent(place.node(), _ -> new HashMap<>()).put(key, place.ips());
      touched.add(place.node());
    });
  }

  private void leave(ObjectKey key, Place place, Optional<Place> now, Set<NodeName> touched) {
    places.remove(key);
    byNode.getOrDefault(place.node(), new HashMap<>()).remove(key);
    touched.add(place.node());
    if (now.filter(p -> p.node().equals(place.node())).isEmpty()) {
      departures.computeIfAbsent(place.node(), _ -> new ArrayDeque<>()).add(time.instant());
    }
  }

  /** What the pods of a node need at this moment. */
  synchronized NodeDemand demand(NodeName node) {
    Map<ObjectKey, List<IpAddress>> pods = byNode.getOrDefault(node, Map.of());
    TreeSet<IpAddress> busy = new TreeSet<>();
    pods.values().forEach(busy::addAll);
    Deque<Instant> left = departures.getOrDefault(node, new ArrayDeque<>());
    Instant oldest = time.instant().minus(REMEMBERED);
    while (!left.isEmpty() && left.getFirst().isBefore(oldest)) {
      left.removeFirst();
    }
    return new NodeDemand(pods.size(), busy, List.copyOf(left));
  }

  /** Forgets what a node that is gone had. */
  synchronized void forget(NodeName node) {
    departures.remove(node);
    if (byNode.getOrDefault(node, Map.of()).isEmpty()) {
      byNode.remove(node);
    }
  }
}
