package io.portolan.common.pool.bench;

import io.portolan.common.api.v1alpha1.NetworkProfileSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.cloud.ApiOperation;
import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.CloudCapabilities;
import io.portolan.common.cloud.CloudFault;
import io.portolan.common.cloud.CloudNetwork;
import io.portolan.common.cloud.CloudOutcome;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.InstanceLimits;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservationScope;
import io.portolan.common.cloud.ObserveOutcome;
import io.portolan.common.controller.CloudController;
import io.portolan.common.controller.ClusterReconciler;
import io.portolan.common.controller.ClusterView;
import io.portolan.common.controller.ControllerKey;
import io.portolan.common.controller.NodeFacts;
import io.portolan.common.controller.SupplyWriter;
import io.portolan.common.model.Ec2Buckets;
import io.portolan.common.model.ModelCloud;
import io.portolan.common.model.Simulation;
import io.portolan.common.net.IpAddress;
import io.portolan.common.pool.MostFreeSubnet;
import io.portolan.common.pool.NodeDemand;
import io.portolan.common.pool.PoolCondition;
import io.portolan.common.reconcile.Backoff;
import io.portolan.common.reconcile.KeyedQueue;
import io.portolan.common.resilience.ApiBudget;
import io.portolan.common.resilience.CallListener;
import io.portolan.common.resilience.GuardedCloudNetwork;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The real reconciler, planner, queue, budget and guard against the model cloud. */
final class PortolanRun {
  private static final int WORKERS =
      CloudController.Settings.of("aws", NetworkProfileSpec.Ipam.AWS).workers();
  private static final CloudCapabilities EC2 =
      new CloudCapabilities(true, true, 50, true, Duration.ofSeconds(5), Duration.ofMinutes(1));
  private static final InstanceLimits M5_XLARGE =
      new InstanceLimits(1, Workload.INTERFACES, Workload.SLOTS, true, 28, Integer.MAX_VALUE);

  private final Simulation simulation = new Simulation();
  private final Ec2Account account = new Ec2Account(simulation);
  private final Instant start = simulation.instant();
  private final Random random;
  private final ModelCloud cloud;
  private final KeyedQueue<ControllerKey> queue;
  private final ClusterReconciler reconciler;
  private final TreeMap<NodeName, Node> nodes = new TreeMap<>();
  private final List<Duration> waits = new ArrayList<>();
  private Instant lastServed = start;

  private static final class Node {
    final Deque<Instant> waiting = new ArrayDeque<>();
    NodeNetworkStatus.@Nullable Supply supply;
    @Nullable NodeNetworkSpec spec;
    int used;

    int offered() {
      if (supply == null || supply.interfaces() == null) {
        return 0;
      }
      return supply.interfaces().stream()
          .mapToInt(i ->
              (i.addresses() == null ? 0 : i.addresses().size())
                  + (i.prefixes() == null ? 0 : i.prefixes().size() * 16))
          .sum();
    }
  }

  /**
   * @param prefixes whether the profile prefers /28 blocks
   */
  PortolanRun(long seed, boolean prefixes) {
    random = new Random(seed);
    cloud = new ModelCloud(simulation, random);
    cloud.addSubnet("subnet-a", "a", "10.0.0.0/16");
    queue = new KeyedQueue<>(Backoff.DEFAULT, random);
    Ec2Buckets buckets = new Ec2Buckets();
    GuardedCloudNetwork guarded =
        new GuardedCloudNetwork(
            new Wire(),
            buckets,
            new ApiBudget(buckets, simulation, simulation),
            GuardedCloudNetwork.Settings.DEFAULT,
            CallListener.SILENT,
            simulation,
            simulation,
            random);
    reconciler =
        new ClusterReconciler(
            new ClusterReconciler.Parts(
                "aws",
                NetworkProfileSpec.Ipam.AWS,
                guarded,
                EC2,
                new MostFreeSubnet(),
                new View(prefixes),
                this::store,
                () -> Optional.of(start),
                simulation,
                Duration.ofSeconds(60),
                Duration.ofMinutes(5)),
            (key, urgency) -> queue.add(key, urgency, simulation.instant()));
  }

  Result run(String name, Workload workload) {
    for (int n = 0; n < workload.joins().size(); n++) {
      NodeName node = new NodeName(String.format("n%04d", n));
      Instant join = start.plus(workload.joins().get(n));
      simulation.spawnAt(join, () -> join(node));
      for (Duration bind : workload.binds().get(n)) {
        simulation.spawnAt(join.plus(bind), () -> bind(node));
      }
    }
    simulation.spawn(this::pump);
    // Another minute after the last pod: calls still on their way count.
    Instant end = start.plus(Duration.ofHours(2));
    while (simulation.instant().isBefore(end)) {
      simulation.run(simulation.instant().plusSeconds(1));
      if (waits.size() == workload.pods() && lastServed.plusSeconds(60).isBefore(end)) {
        end = lastServed.plusSeconds(60);
      }
    }
    if (waits.size() != workload.pods()) {
      throw new IllegalStateException(name + " served " + waits.size() + " pods");
    }
    long held =
        cloud.interfaces().stream()
            .mapToLong(i -> i.addresses().size() + i.prefixes().size() * 16L)
            .sum();
    return new Result(name, account, waits, Duration.between(start, lastServed), held);
  }

  private void pump() {
    while (simulation.instant().isBefore(start.plus(Duration.ofHours(2)))) {
      while (queue.inFlight() < WORKERS) {
        Optional<ControllerKey> key = queue.take(simulation.instant());
        if (key.isEmpty()) {
          break;
        }
        simulation.spawn(
            () -> queue.done(key.get(), reconciler.reconcile(key.get()), simulation.instant()));
      }
      simulation.sleep(Duration.ofMillis(20));
    }
  }

  private void join(NodeName node) {
    cloud.start(node, new InstanceId("i-" + node), M5_XLARGE, "subnet-a");
    nodes.put(node, new Node());
    changed(node);
  }

  private void bind(NodeName name) {
    Node node = nodes.get(name);
    if (node == null) {
      throw new IllegalStateException("a pod on " + name + ", which has not joined");
    }
    node.waiting.add(simulation.instant());
    serve(node);
    changed(name);
  }

  private void changed(NodeName node) {
    queue.add(new ControllerKey.OfNode(node), 0, simulation.instant());
  }

  private void serve(Node node) {
    while (!node.waiting.isEmpty() && node.used < node.offered()) {
      node.used++;
      waits.add(Duration.between(node.waiting.remove(), simulation.instant()));
      lastServed = simulation.instant();
    }
  }

  private SupplyWriter.Written store(
      NodeName name,
      NodeNetworkSpec spec,
      NodeNetworkStatus.Supply supply,
      List<PoolCondition> conditions) {
    simulation.sleep(Duration.ofMillis(10));
    Node node = nodes.get(name);
    if (node != null) {
      node.supply = supply;
      node.spec = spec;
      serve(node);
    }
    return new SupplyWriter.Written.Stored();
  }

  /** The account's API in front of the model. */
  private final class Wire implements CloudNetwork {
    private final Ec2Buckets operations = new Ec2Buckets();

    @Override
    public ObserveOutcome observe(ObservationScope scope) {
      TreeMap<ApiOperation, Integer> made = new TreeMap<>();
      for (Map.Entry<ApiOperation, Integer> each : operations.observation(scope).entrySet()) {
        for (int page = 0; page < each.getValue(); page++) {
          if (!account.call(each.getKey().value())) {
            return new ObserveOutcome.Failed(throttled(each.getKey()));
          }
        }
        made.put(each.getKey(), each.getValue());
      }
      return cloud.observe(scope) instanceof ObserveOutcome.Observed seen
          ? new ObserveOutcome.Observed(seen.observation(), made)
          : new ObserveOutcome.Failed(throttled(new ApiOperation("observe")));
    }

    @Override
    public CloudOutcome execute(CloudAction action) {
      ApiOperation operation = operations.operation(action);
      return account.call(operation.value())
          ? cloud.execute(action)
          : new CloudOutcome.Failed(throttled(operation));
    }

    private CloudFault throttled(ApiOperation operation) {
      return new CloudFault.Throttled(
          new CloudFault.Detail("RequestLimitExceeded", "", operation.value()), Optional.empty());
    }
  }

  private final class View implements ClusterView {
    private final SortedMap<String, NetworkProfileSpec> profiles;

    View(boolean prefixes) {
      NetworkProfileSpec.Aws.Allocation allocation =
          prefixes
              ? NetworkProfileSpec.Aws.Allocation.PREFIX
              : NetworkProfileSpec.Aws.Allocation.SECONDARY_IP;
      profiles =
          new TreeMap<>(
              Map.of(
                  "default",
                  new NetworkProfileSpec(
                      null,
                      NetworkProfileSpec.Ipam.AWS,
                      null,
                      null,
                      null,
                      null,
                      null,
                      null,
                      new NetworkProfileSpec.Aws(allocation, null, null, null, null))));
    }

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
    public NodeDemand demand(NodeName name) {
      Node node = nodes.get(name);
      return node == null
          ? NodeDemand.NONE
          : new NodeDemand(node.used + node.waiting.size(), new TreeSet<IpAddress>(), List.of());
    }

    @Override
    public Optional<NodeNetworkStatus> status(NodeName name) {
      Node node = nodes.get(name);
      return node == null || node.supply == null
          ? Optional.empty()
          : Optional.of(new NodeNetworkStatus(node.supply, null, null));
    }

    @Override
    public Optional<NodeNetworkSpec> spec(NodeName name) {
      return Optional.ofNullable(nodes.get(name)).flatMap(n -> Optional.ofNullable(n.spec));
    }

    @Override
    public SortedMap<String, NetworkProfileSpec> profiles() {
      return profiles;
    }
  }
}
