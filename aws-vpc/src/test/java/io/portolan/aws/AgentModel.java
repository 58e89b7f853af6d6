package io.portolan.aws;

import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.pool.NodeDemand;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A node agent that keeps the letter of the release handshake and nothing more: it sees the supply
 * late, gives any address to any pod, and answers marks when it pleases.
 */
final class AgentModel {
  private final Duration cooldown;
  private final RandomGenerator random;
  private final SortedMap<String, Optional<IpAddress>> pods = new TreeMap<>();
  private final SortedMap<IpAddress, Instant> coolingUntil = new TreeMap<>();
  private final List<Instant> departures = new ArrayList<>();
  private final SortedMap<Cidr, Long> released = new TreeMap<>();
  private NodeNetworkStatus.@Nullable Supply seen;

  AgentModel(Duration cooldown, RandomGenerator random) {
    this.cooldown = cooldown;
    this.random = random;
  }

  void bind(String pod) {
    pods.put(pod, Optional.empty());
  }

  void remove(String pod, Instant now) {
    Optional<IpAddress> held = pods.remove(pod);
    if (held != null) {
      departures.add(now);
      held.ifPresent(address -> coolingUntil.put(address, now.plus(cooldown)));
    }
  }

  SortedSet<String> pods() {
    return new TreeSet<>(pods.keySet());
  }

  /** Addresses on pods. */
  SortedMap<IpAddress, String> inUse() {
    SortedMap<IpAddress, String> inUse = new TreeMap<>();
    pods.forEach((pod, address) -> address.ifPresent(a -> inUse.put(a, pod)));
    return inUse;
  }

  /** Addresses that may still have packets on the way to them. */
  SortedSet<IpAddress> resting(Instant now) {
    coolingUntil.values().removeIf(until -> !until.isAfter(now));
    return new TreeSet<>(coolingUntil.keySet());
  }

  long waiting() {
    return pods.values().stream().filter(Optional::isEmpty).count();
  }

  NodeDemand demand(Instant now) {
    departures.removeIf(departure -> departure.plus(cooldown.multipliedBy(2)).isBefore(now));
    return new NodeDemand(pods.size(), new TreeSet<>(inUse().keySet()), departures);
  }

  List<NodeNetworkStatus.Release> released() {
    return released.entrySet().stream()
        .map(e -> new NodeNetworkStatus.Release(e.getKey().toString(), e.getValue()))
        .toList();
  }

  /** The supply as the watch brings it. */
  void see(NodeNetworkStatus.Supply supply) {
    seen = supply;
    released.keySet().retainAll(marks().keySet());
  }

  /** Gives addresses to waiting pods and answers some marks. */
  void act(Instant now) {
    SortedSet<IpAddress> free = free(now);
    for (Map.Entry<String, Optional<IpAddress>> pod : pods.entrySet()) {
      if (pod.getValue().isEmpty() && !free.isEmpty()) {
        IpAddress chosen =
            free.stream().skip(random.nextInt(free.size())).findFirst().orElseThrow();
        free.remove(chosen);
        pod.setValue(Optional.of(chosen));
      }
    }
    SortedSet<IpAddress> busy = new TreeSet<>(inUse().keySet());
    busy.addAll(resting(now));
    marks()
        .forEach((cidr, epoch) -> {
          if (busy.stream().noneMatch(cidr::contains) && random.nextInt(3) > 0) {
            released.put(cidr, epoch);
          }
        });
  }

  private SortedSet<IpAddress> free(Instant now) {
    SortedSet<IpAddress> free = new TreeSet<>();
    NodeNetworkStatus.Supply supply = seen;
    if (supply == null || supply.interfaces() == null) {
      return free;
    }
    for (NodeNetworkStatus.Interface eni : supply.interfaces()) {
      if (eni.addresses() != null) {
        eni.addresses().forEach(address -> free.add(IpAddress.parse(address)));
      }
      if (eni.prefixes() != null) {
        for (String prefix : eni.prefixes()) {
          IpAddress first = Cidr.parse(prefix).network();
          for (int i = 0; i < 16; i++) {
            free.add(first.plus(i));
          }
        }
      }
    }
    free.removeAll(inUse().keySet());
    free.removeAll(resting(now));
    free.removeIf(address ->
        released.entrySet().stream()
            .anyMatch(
                e -> e.getValue().equals(marks().get(e.getKey())) && e.getKey().contains(address)));
    return free;
  }

  private SortedMap<Cidr, Long> marks() {
    SortedMap<Cidr, Long> marks = new TreeMap<>();
    NodeNetworkStatus.Supply supply = seen;
    if (supply != null && supply.releasing() != null) {
      supply.releasing().forEach(mark -> marks.put(Cidr.parse(mark.cidr()), mark.epoch()));
    }
    return marks;
  }
}
