package io.portolan.common.model;

import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus.Release;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.pool.NodeDemand;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A node: its pods, its agent's pool, and its NodeNetwork as the API server holds it. The agent
 * acts only in {@link #agent}, on what it reads there; its answers are stored late or not, so a
 * controller meets old ones.
 */
public final class ModelNode {
  private final VirtualClock clock;
  private final RandomGenerator random;
  private final Duration cooldown;
  private final TreeMap<Integer, Optional<IpAddress>> pods = new TreeMap<>();
  private final TreeMap<IpAddress, Instant> coolingUntil = new TreeMap<>();
  private final List<Instant> departures = new ArrayList<>();
  private final TreeMap<Cidr, Long> given = new TreeMap<>();
  private NodeNetworkStatus.@Nullable Supply supply;
  private List<Release> answers = List.of();
  private int serial;

  public final NodeName name;

  public ModelNode(NodeName name, VirtualClock clock, RandomGenerator random, Duration cooldown) {
    this.name = name;
    this.clock = clock;
    this.random = random;
    this.cooldown = cooldown;
  }

  public void store(NodeNetworkStatus.Supply written) {
    supply = written;
  }

  /** The NodeNetwork is deleted; pods keep what they have. */
  public void forget() {
    supply = null;
    answers = List.of();
  }

  public Optional<NodeNetworkStatus> status() {
    return supply == null
        ? Optional.empty()
        : Optional.of(
            new NodeNetworkStatus(
                supply, new NodeNetworkStatus.Use("model", answers, 0, 0), List.of()));
  }

  public void bindPod() {
    pods.put(serial++, Optional.empty());
  }

  public void removePod() {
    if (pods.isEmpty()) {
      return;
    }
    List<Integer> ids = List.copyOf(pods.keySet());
    Integer id = ids.get(random.nextInt(ids.size()));
    Optional<IpAddress> freed = pods.getOrDefault(id, Optional.empty());
    freed.ifPresent(address -> coolingUntil.put(address, clock.instant().plus(cooldown)));
    pods.remove(id);
    departures.add(clock.instant());
  }

  public int pods() {
    return pods.size();
  }

  public long waiting() {
    return pods.values().stream().filter(Optional::isEmpty).count();
  }

  public NodeDemand demand() {
    TreeSet<IpAddress> busy = new TreeSet<>();
    pods.values().forEach(a -> a.ifPresent(busy::add));
    Instant old = clock.instant().minus(cooldown);
    departures.removeIf(d -> d.isBefore(old));
    return new NodeDemand(pods.size(), busy, departures);
  }

  /** Addresses pods have, and addresses that had one a moment ago. */
  public NavigableSet<IpAddress> untouchable() {
    TreeSet<IpAddress> all = new TreeSet<>();
    pods.values().forEach(a -> a.ifPresent(all::add));
    coolingUntil.forEach((address, until) -> {
      if (until.isAfter(clock.instant())) {
        all.add(address);
      }
    });
    return all;
  }

  /** One step of the agent: reads the supply, answers marks, gives waiting pods addresses. */
  public void agent() {
    if (supply == null) {
      return;
    }
    coolingUntil.values().removeIf(until -> !until.isAfter(clock.instant()));
    TreeMap<Cidr, Long> marks = new TreeMap<>();
    for (Release mark : supply.releasing() == null ? List.<Release>of() : supply.releasing()) {
      marks.put(Cidr.parse(mark.cidr()), mark.epoch());
    }
    given.keySet().retainAll(marks.keySet());
    NavigableSet<IpAddress> untouchable = untouchable();
    marks.forEach((cidr, epoch) -> {
      boolean unused = untouchable.stream().noneMatch(cidr::contains);
      if (unused) {
        given.put(cidr, epoch);
      }
    });
    serve(untouchable);
    if (random.nextInt(3) == 0) {
      List<Release> stored = new ArrayList<>();
      given.forEach((cidr, epoch) -> stored.add(new Release(cidr.toString(), epoch)));
      answers = stored;
    }
  }

  private void serve(NavigableSet<IpAddress> untouchable) {
    List<IpAddress> free = new ArrayList<>();
    for (Cidr block : offered()) {
      for (int i = 0; i < block.size().intValueExact(); i++) {
        IpAddress address = block.address(i);
        if (!untouchable.contains(address)
            && given.keySet().stream().noneMatch(g -> g.contains(address))) {
          free.add(address);
        }
      }
    }
    for (Map.Entry<Integer, Optional<IpAddress>> pod : pods.entrySet()) {
      if (pod.getValue().isEmpty() && !free.isEmpty()) {
        pod.setValue(Optional.of(free.remove(random.nextInt(free.size()))));
      }
    }
  }

  /** Blocks for pods in the supply. */
  public List<Cidr> offered() {
    List<Cidr> offered = new ArrayList<>();
    if (supply == null || supply.interfaces() == null) {
      return offered;
    }
    for (NodeNetworkStatus.Interface each : supply.interfaces()) {
      for (String address : each.addresses() == null ? List.<String>of() : each.addresses()) {
        offered.add(IpAddress.parse(address).toCidr());
      }
      for (String prefix : each.prefixes() == null ? List.<String>of() : each.prefixes()) {
        offered.add(Cidr.parse(prefix));
      }
    }
    return offered;
  }
}
