package io.portolan.common.controller;

import io.portolan.common.api.v1alpha1.NetworkProfileSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.CloudCapabilities;
import io.portolan.common.cloud.CloudNetwork;
import io.portolan.common.cloud.CloudOutcome;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.InstanceLimits;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservationScope;
import io.portolan.common.cloud.ObserveOutcome;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.model.ModelCloud;
import io.portolan.common.model.ModelNode;
import io.portolan.common.model.VirtualClock;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.pool.MostFreeSubnet;
import io.portolan.common.pool.NodeDemand;
import io.portolan.common.pool.PoolCondition;
import io.portolan.common.reconcile.Backoff;
import io.portolan.common.reconcile.KeyedQueue;
import io.portolan.common.reconcile.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A whole cluster in virtual time: model cloud, model nodes, and the real reconciler driven from
 * one thread. The controller process may die at any call, before or after its effect.
 */
final class World {
  static final InstanceLimits LIMITS = new InstanceLimits(1, 3, 9, true, 28, Integer.MAX_VALUE);
  static final Duration LAG = Duration.ofSeconds(3);
  static final CloudCapabilities EC2 =
      new CloudCapabilities(true, true, 50, true, LAG, Duration.ofMinutes(1));
  private static final int RELEASE_DELAY = 60;
  private static final Duration COOLDOWN = Duration.ofSeconds(30);

  final VirtualClock clock = new VirtualClock();
  final Random random;
  final ModelCloud cloud;
  final TreeMap<NodeName, ModelNode> nodes = new TreeMap<>();
  final TreeMap<NodeName, List<PoolCondition>> conditions = new TreeMap<>();
  private final TreeMap<NodeName, NodeNetworkStatus> watched = new TreeMap<>();
  final TreeMap<NodeName, NodeNetworkSpec> specs = new TreeMap<>();
  private final TreeMap<NodeName, NodeNetworkSpec> watchedSpecs = new TreeMap<>();
  private final TreeMap<NodeName, TreeMap<Long, NodeNetworkStatus.Supply>> stored = new TreeMap<>();
  NetworkProfileSpec profile;
  private double crash;
  private double writeFailure;
  private Instant leaderSince;
  private ClusterReconciler reconciler;
  private KeyedQueue<ControllerKey> queue;
  int crashes;
  int writes;

  /** The process is gone; nothing catches it but the world. */
  private static final class Crash extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  World(long seed, boolean prefixes) {
    random = new Random(seed);
    cloud = new ModelCloud(clock, random);
    cloud.onTaken(this::checkTaken);
    profile =
        new NetworkProfileSpec(
            null,
            NetworkProfileSpec.Ipam.AWS,
            null,
            null,
            null,
            null,
            null,
            new NetworkProfileSpec.Pool(2, RELEASE_DELAY, (int) COOLDOWN.toSeconds(), null),
            new NetworkProfileSpec.Aws(
                prefixes
                    ? NetworkProfileSpec.Aws.Allocation.PREFIX
                    : NetworkProfileSpec.Aws.Allocation.SECONDARY_IP,
                null,
                null,
                null,
                null));
    leaderSince = clock.instant();
    queue = new KeyedQueue<>(Backoff.DEFAULT, random);
    reconciler = newProcess();
  }

  void faults(ModelCloud.Faults faults, double crashAtCall, double writeFails) {
    cloud.faults(faults);
    crash = crashAtCall;
    writeFailure = writeFails;
  }

  ModelNode addNode(String name, String subnet) {
    NodeName node = new NodeName(name);
    cloud.start(node, new InstanceId("i-" + name), LIMITS, subnet);
    ModelNode model = new ModelNode(node, clock, random, COOLDOWN);
    nodes.put(node, model);
    changed(node);
    return model;
  }

  void removeNode(NodeName node) {
    nodes.remove(node);
    watched.remove(node);
    watchedSpecs.remove(node);
    specs.remove(node);
    cloud.terminate(new InstanceId("i-" + node));
    changed(node);
  }

  void changed(NodeName node) {
    queue.add(new ControllerKey.OfNode(node), 0, clock.instant());
  }

  /** Lets time pass second by second, with everything that happens meanwhile. */
  void pass(Duration time) {
    pass(time, Duration.ofSeconds(1));
  }

  void pass(Duration time, Duration step) {
    Instant end = clock.instant().plus(time);
    while (clock.instant().isBefore(end)) {
      clock.advance(step);
      nodes.values().forEach(ModelNode::agent);
      nodes.values().forEach(node -> watch(node, writeFailure == 0 || random.nextBoolean()));
      nodes.keySet().forEach(this::changed);
      drive();
      check();
    }
  }

  private void drive() {
    for (int steps = 0; steps < 10_000; steps++) {
      Optional<ControllerKey> key = queue.take(clock.instant());
      if (key.isEmpty()) {
        return;
      }
      try {
        Outcome outcome = reconciler.reconcile(key.get());
        queue.done(key.get(), outcome, clock.instant());
      } catch (Crash e) {
        crashes++;
        restart();
      }
    }
    throw new AssertionError("the controller does not come to rest at " + clock.instant());
  }

  /** A watch that lags shows what was stored some seconds ago. */
  private void watch(ModelNode node, boolean current) {
    if (current) {
      node.status().ifPresent(status -> watched.put(node.name, status));
      NodeNetworkSpec spec = specs.get(node.name);
      if (spec != null) {
        watchedSpecs.put(node.name, spec);
      }
    }
  }

  /** Somebody deletes the NodeNetwork; the watch shows that at once. */
  void deleteNodeNetwork(ModelNode node) {
    node.forget();
    specs.remove(node.name);
    watched.remove(node.name);
    watchedSpecs.remove(node.name);
    changed(node.name);
  }

  void restart() {
    nodes.values().forEach(node -> watch(node, true));
    leaderSince = clock.instant();
    queue = new KeyedQueue<>(Backoff.DEFAULT, random);
    reconciler = newProcess();
    nodes.keySet().forEach(this::changed);
  }

  String explain(NodeName node) {
    return reconciler.explain(node);
  }

  private ClusterReconciler newProcess() {
    KeyedQueue<ControllerKey> mine = queue;
    mine.add(new ControllerKey.OfCluster(), 1, clock.instant());
    return new ClusterReconciler(
        new ClusterReconciler.Parts(
            "aws",
            NetworkProfileSpec.Ipam.AWS,
            new MortalCloud(),
            EC2,
            new MostFreeSubnet(),
            new View(),
            this::write,
            () -> Optional.of(leaderSince),
            clock,
            Duration.ofSeconds(60),
            Duration.ofMinutes(2)),
        (key, urgency) -> mine.add(key, urgency, clock.instant()));
  }

  private void mayDie() {
    if (random.nextDouble() < crash) {
      throw new Crash();
    }
  }

  private SupplyWriter.Written write(
      NodeName node,
      NodeNetworkSpec spec,
      NodeNetworkStatus.Supply supply,
      List<PoolCondition> claims) {
    mayDie();
    writes++;
    if (random.nextDouble() < writeFailure) {
      return new SupplyWriter.Written.Failed("not stored");
    }
    checkRevision(node, supply);
    ModelNode model = nodes.get(node);
    if (model != null) {
      model.store(supply);
      specs.put(node, spec);
      conditions.put(node, claims);
    }
    mayDie();
    return random.nextDouble() < writeFailure
        ? new SupplyWriter.Written.Failed("stored, but who knows")
        : new SupplyWriter.Written.Stored();
  }

  /** The law: one revision, one content, or an old answer could match a new mark. */
  private void checkRevision(NodeName node, NodeNetworkStatus.Supply supply) {
    NodeNetworkStatus.Supply before =
        stored.computeIfAbsent(node, _ -> new TreeMap<>()).put(supply.revision(), supply);
    if (before != null && !SupplyDocument.sameForNode(before, supply)) {
      throw new AssertionError(
          "revision " + supply.revision() + " of " + node + " has two contents");
    }
  }

  /** The law: no address in use or cooling is ever released. */
  private void checkTaken(NodeName node, Cidr cidr) {
    ModelNode model = nodes.get(node);
    if (model != null && model.untouchable().stream().anyMatch(cidr::contains)) {
      throw new AssertionError(cidr + " was taken from " + node + " while in use or cooling");
    }
  }

  /** What the cloud did about an address. */
  private String history(IpAddress address) {
    return clock.instant()
        + "\n"
        + String.join("\n", cloud.log().stream().filter(l -> l.contains(address + "")).toList());
  }

  /** What must hold at every moment. */
  private void check() {
    TreeMap<InstanceId, Set<Cidr>> held = new TreeMap<>();
    for (ObservedInterface each : cloud.interfaces()) {
      if (each.attachment().isPresent()) {
        Set<Cidr> cidrs =
            held.computeIfAbsent(each.attachment().get().instance(), _ -> new HashSet<>());
        each.addresses().forEach(a -> cidrs.add(a.toCidr()));
        cidrs.addAll(each.prefixes());
      }
    }
    Set<IpAddress> all = new HashSet<>();
    for (ModelNode node : nodes.values()) {
      Set<Cidr> own = held.getOrDefault(new InstanceId("i-" + node.name), Set.of());
      for (IpAddress address : node.untouchable()) {
        if (!all.add(address)) {
          throw new AssertionError(address + " is on two pods\n" + history(address));
        }
        if (!own.contains(address.toCidr()) && !own.contains(Cidr.containing(address, 28))) {
          throw new AssertionError(
              address + " of " + node.name + " is not assigned to it\n" + history(address));
        }
      }
    }
  }

  /** Addresses the cloud holds for pods of a node. */
  int assigned(NodeName node) {
    int sum = 0;
    for (ObservedInterface each : cloud.interfaces()) {
      if (each.attachment()
          .filter(a -> a.instance().equals(new InstanceId("i-" + node)))
          .isPresent()) {
        sum += each.addresses().size() + each.prefixes().size() * 16;
      }
    }
    return sum;
  }

  private final class View implements ClusterView {
    @Override
    public SortedMap<NodeName, NodeFacts> nodes() {
      TreeMap<NodeName, NodeFacts> facts = new TreeMap<>();
      for (NodeName node : nodes.keySet()) {
        facts.put(
            node,
            new NodeFacts(
                node,
                Optional.of(new InstanceId("i-" + node)),
                new TreeMap<>(),
                true,
                false,
                Integer.MAX_VALUE));
      }
      return facts;
    }

    @Override
    public NodeDemand demand(NodeName node) {
      ModelNode model = nodes.get(node);
      return model == null ? NodeDemand.NONE : model.demand();
    }

    @Override
    public Optional<NodeNetworkStatus> status(NodeName node) {
      return Optional.ofNullable(watched.get(node));
    }

    @Override
    public Optional<NodeNetworkSpec> spec(NodeName node) {
      return Optional.ofNullable(watchedSpecs.get(node));
    }

    @Override
    public SortedMap<String, NetworkProfileSpec> profiles() {
      return new TreeMap<>(Map.of("default", profile));
    }
  }

  /** The cloud as a process sees it that may die before or after any call. */
  private final class MortalCloud implements CloudNetwork {
    @Override
    public ObserveOutcome observe(ObservationScope scope) {
      mayDie();
      return cloud.observe(scope);
    }

    @Override
    public CloudOutcome execute(CloudAction action) {
      mayDie();
      CloudOutcome outcome = cloud.execute(action);
      mayDie();
      return outcome;
    }
  }
}
