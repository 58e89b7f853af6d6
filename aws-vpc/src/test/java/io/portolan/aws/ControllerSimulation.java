package io.portolan.aws;

import io.portolan.aws.ec2.Ec2Api;
import io.portolan.aws.layout.EniPlacement;
import io.portolan.aws.limits.InstanceLimitsTable;
import io.portolan.aws.limits.InstanceTypeCatalog;
import io.portolan.common.api.v1alpha1.NetworkProfileSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.CloudNetwork;
import io.portolan.common.cloud.CloudOutcome;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservationScope;
import io.portolan.common.cloud.ObserveOutcome;
import io.portolan.common.controller.ClusterReconciler;
import io.portolan.common.controller.ClusterView;
import io.portolan.common.controller.ControllerKey;
import io.portolan.common.controller.NodeFacts;
import io.portolan.common.controller.SupplyWriter;
import io.portolan.common.net.IpAddress;
import io.portolan.common.pool.NodeDemand;
import io.portolan.common.pool.PoolCondition;
import io.portolan.common.reconcile.Backoff;
import io.portolan.common.reconcile.KeyedQueue;
import io.portolan.common.reconcile.Outcome;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.time.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * The whole controller in virtual time on one thread: the real reconciler, planner, adapter and SDK
 * against the strict EC2 simulator, an API server of plain maps, and model agents. Two controller
 * processes take turns; the one that leads dies or loses its lease at any call, before or after the
 * effect.
 *
 * <p>After every step: no address on two pods, every pod's address held by an ENI of its own node.
 */
final class ControllerSimulation {
  static final Duration COOLDOWN = Duration.ofSeconds(30);
  private static final Duration ORPHAN_GRACE = Duration.ofMinutes(2);

  final VirtualTime time = VirtualTime.create();
  final SimulatedAccount account;
  private final SplittableRandom random;
  private final NetworkProfileSpec profile;
  private final Ec2Api ec2;
  private final SortedMap<NodeName, Node> nodes = new TreeMap<>();
  private Incarnation leader;
  private double deadliness;
  private int deaths;
  private int handovers;

  /** A node: its record in the API server, its instance, its agent. */
  static final class Node {
    final InstanceId instance;
    final AgentModel agent;
    boolean leaving;

    /** Every supply ever stored; watches see a prefix of it. */
    final List<NodeNetworkStatus.Supply> supplies = new ArrayList<>();

    Optional<NodeNetworkSpec> spec = Optional.empty();
    int seenByController;
    int seenByAgent;
    List<PoolCondition> conditions = List.of();

    Node(InstanceId instance, AgentModel agent) {
      this.instance = instance;
      this.agent = agent;
    }
  }

  /** The process is gone. */
  private static final class Death extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  ControllerSimulation(long seed, boolean prefixes) {
    random = new SplittableRandom(seed);
    account = new SimulatedAccount(seed, time);
    ec2 = account.api();
    profile =
        new NetworkProfileSpec(
            null,
            NetworkProfileSpec.Ipam.AWS,
            null,
            null,
            null,
            null,
            null,
            new NetworkProfileSpec.Pool(2, 60, (int) COOLDOWN.toSeconds(), null),
            new NetworkProfileSpec.Aws(
                prefixes
                    ? NetworkProfileSpec.Aws.Allocation.PREFIX
                    : NetworkProfileSpec.Aws.Allocation.SECONDARY_IP,
                null,
                null,
                null,
                null));
    leader = new Incarnation();
  }

  /** How likely each call is the leader's last: half of the times it dies, half it is replaced. */
  void deadliness(double each) {
    deadliness = each;
  }

  int deaths() {
    return deaths;
  }

  int handovers() {
    return handovers;
  }

  Node addNode(String name, String type, String subnet) {
    Node node =
        new Node(new InstanceId(account.instance(type, subnet)), new AgentModel(COOLDOWN, random));
    nodes.put(new NodeName(name), node);
    leader.changed(new NodeName(name));
    return node;
  }

  Node node(String name) {
    return Objects.requireNonNull(nodes.get(new NodeName(name)), name);
  }

  /** The node's machine is terminated and its Node object goes with it, pods and all. */
  void removeNode(String name) {
    Node gone = node(name);
    nodes.remove(new NodeName(name));
    account.terminate(gone.instance.value());
    leader.changed(new NodeName(name));
  }

  void bind(String node, String pod) {
    node(node).agent.bind(pod);
    leader.changed(new NodeName(node));
  }

  void unbind(String node, String pod) {
    node(node).agent.remove(pod, time.instant());
    leader.changed(new NodeName(node));
  }

  /** Lets time pass, half a second at a time, with everything that happens meanwhile. */
  void pass(Duration duration) {
    Instant end = time.instant().plus(duration);
    while (time.instant().isBefore(end)) {
      time.advance(Duration.ofMillis(500));
      nodes.forEach((name, node) -> {
        if (node.seenByAgent < node.supplies.size() && random.nextInt(4) > 0) {
          node.seenByAgent = random.nextInt(node.seenByAgent, node.supplies.size()) + 1;
          node.agent.see(node.supplies.get(node.seenByAgent - 1));
        }
        if (random.nextInt(2) == 0) {
          node.agent.act(time.instant());
        }
        if (node.seenByController < node.supplies.size() && random.nextInt(4) > 0) {
          node.seenByController = node.supplies.size();
        }
        leader.changed(name);
      });
      check();
      leader.work();
      check();
    }
  }

  String explain(String node) {
    return leader.reconciler.explain(new NodeName(node));
  }

  private void check() {
    Map<IpAddress, String> all = new TreeMap<>();
    nodes.forEach((name, node) -> {
      List<NetworkInterface> enis = account.enis(node.instance.value());
      SortedMap<IpAddress, String> taken = node.agent.inUse();
      node.agent.resting(time.instant()).forEach(a -> taken.put(a, "(cooling)"));
      taken.forEach((address, pod) -> {
        String other = all.put(address, name + "/" + pod);
        if (other != null) {
          throw new AssertionError(
              "%s is on %s/%s and %s at %s".formatted(address, name, pod, other, time.instant()));
        }
        Optional<NetworkInterface> owner =
            account.world().view().owner(ResourceId.parse(account.vpc()).orElseThrow(), address);
        if (owner.isEmpty() || !enis.contains(owner.get())) {
          throw new AssertionError(
              "%s of %s/%s is not held by its node at %s%n%s"
                  .formatted(address, name, pod, time.instant(), explain(name.value())));
        }
      });
    });
  }

  /** One life of a controller process. */
  private final class Incarnation {
    private final Instant leadingSince = time.instant();
    private final KeyedQueue<ControllerKey> queue = new KeyedQueue<>(Backoff.DEFAULT, random);
    private final ClusterReconciler reconciler;
    private boolean leads = true;

    Incarnation() {
      reconciler =
          new ClusterReconciler(
              new ClusterReconciler.Parts(
                  "aws",
                  NetworkProfileSpec.Ipam.AWS,
                  new MortalCloud(),
                  AwsCloudNetwork.CAPABILITIES,
                  new EniPlacement(),
                  new View(),
                  this::write,
                  () -> leads ? Optional.of(leadingSince) : Optional.empty(),
                  time,
                  Duration.ofSeconds(60),
                  ORPHAN_GRACE),
              (key, urgency) -> queue.add(key, urgency, time.instant()));
      queue.add(new ControllerKey.OfCluster(), 1, time.instant());
      nodes.keySet().forEach(this::changed);
    }

    void changed(NodeName node) {
      queue.add(new ControllerKey.OfNode(node), 0, time.instant());
    }

    void work() {
      for (int steps = 0; steps < 10_000; steps++) {
        Optional<ControllerKey> key = queue.take(time.instant());
        if (key.isEmpty()) {
          return;
        }
        try {
          Outcome outcome = reconciler.reconcile(key.get());
          queue.done(key.get(), outcome, time.instant());
        } catch (Death e) {
          deaths++;
          leader = new Incarnation();
          return;
        }
        check();
        if (!leads) {
          handovers++;
          leader = new Incarnation();
          return;
        }
      }
      throw new AssertionError("the controller does not come to rest at " + time.instant());
    }

    private void fate() {
      if (random.nextDouble() < deadliness) {
        if (random.nextBoolean()) {
          throw new Death();
        }
        leads = false;
      }
    }

    private SupplyWriter.Written write(
        NodeName name,
        NodeNetworkSpec spec,
        NodeNetworkStatus.Supply supply,
        List<PoolCondition> conditions) {
      fate();
      Node node = nodes.get(name);
      if (node != null) {
        node.supplies.add(supply);
        node.spec = Optional.of(spec);
        node.conditions = conditions;
      }
      fate();
      return deadliness > 0 && random.nextInt(20) == 0
          ? new SupplyWriter.Written.Failed("stored, but the reply was lost")
          : new SupplyWriter.Written.Stored();
    }

    private final class MortalCloud implements CloudNetwork {
      private final CloudNetwork real =
          new AwsCloudNetwork(
              ec2,
              new InstanceTypeCatalog(ec2, InstanceLimitsTable.bundled(), time),
              SimulatedAccount.CLUSTER,
              time,
              time::advance);

      @Override
      public ObserveOutcome observe(ObservationScope scope) {
        fate();
        return real.observe(scope);
      }

      @Override
      public CloudOutcome execute(CloudAction action) {
        fate();
        CloudOutcome outcome = real.execute(action);
        fate();
        return outcome;
      }
    }
  }

  private final class View implements ClusterView {
    @Override
    public SortedMap<NodeName, NodeFacts> nodes() {
      SortedMap<NodeName, NodeFacts> facts = new TreeMap<>();
      nodes.forEach((name, node) ->
          facts.put(
              name,
              new NodeFacts(
                  name,
                  Optional.of(node.instance),
                  new TreeMap<>(),
                  true,
                  node.leaving,
                  Integer.MAX_VALUE)));
      return facts;
    }

    @Override
    public NodeDemand demand(NodeName name) {
      Node node = nodes.get(name);
      return node == null ? NodeDemand.NONE : node.agent.demand(time.instant());
    }

    @Override
    public Optional<NodeNetworkStatus> status(NodeName name) {
      Node node = nodes.get(name);
      if (node == null || node.seenByController == 0) {
        return Optional.empty();
      }
      return Optional.of(
          new NodeNetworkStatus(
              node.supplies.get(node.seenByController - 1),
              new NodeNetworkStatus.Use("model", node.agent.released(), 0, 0),
              null));
    }

    @Override
    public Optional<NodeNetworkSpec> spec(NodeName name) {
      Node node = nodes.get(name);
      return node == null || node.seenByController == 0 ? Optional.empty() : node.spec;
    }

    @Override
    public SortedMap<String, NetworkProfileSpec> profiles() {
      return new TreeMap<>(Map.of("default", profile));
    }
  }
}
