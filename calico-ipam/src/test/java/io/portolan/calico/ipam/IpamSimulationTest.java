package io.portolan.calico.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.portolan.calico.model.AffinityOwner;
import io.portolan.calico.model.ApiGroup;
import io.portolan.calico.model.Codecs;
import io.portolan.calico.model.IpPool;
import io.portolan.calico.model.IpamConfiguration;
import io.portolan.calico.model.ObjectKind;
import io.portolan.calico.store.BlockStore;
import io.portolan.calico.store.IpamObjects;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import io.portolan.common.kube.ObjectKey;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sixty nodes, a third of them Calico's, take addresses out of a pool that is nearly too small for
 * them, while answers get lost, processes restart, machines die, and leaks are collected.
 */
final class IpamSimulationTest {
  /** Of 64 blocks, and of 32, which is fewer than there are nodes. */
  private static final IpPool WIDE = Pools.pool("a", "10.0.0.0/22", 28);

  private static final IpPool NARROW = Pools.pool("a", "10.0.0.0/23", 28);
  private static final Duration GRACE = Duration.ofMinutes(15);
  private static final int NODES = 60;

  private final SimulatedStore memory = new SimulatedStore();
  private final SharedTruth truth = new SharedTruth();
  private final Map<String, Interleaving.Actor> running = new TreeMap<>();
  private final Map<String, Map<ObjectKey, IpAddress>> journals = new HashMap<>();
  private final Map<String, Integer> counted = new TreeMap<>();
  private IpamSettings settings = settings(WIDE);
  private final Interleaving time;
  private final Random random;
  private int rounds = 40;
  private boolean calm;
  private boolean stopping;

  IpamSimulationTest() {
    long seed = seed();
    random = new Random(seed);
    time = new Interleaving(seed + 1, Instant.parse("2026-01-01T00:00:00Z"));
  }

  private static IpamSettings settings(IpPool pool) {
    return new IpamSettings(List.of(pool), Reservations.NONE, IpamConfiguration.DEFAULT, Map.of());
  }

  private static long next = Long.getLong("portolan.seed", System.nanoTime());

  private static long seed() {
    System.out.println("seed: -Dportolan.seed=" + next);
    return next++;
  }

  static List<Integer> runs() {
    return Long.getLong("portolan.seed") == null ? List.of(1, 2, 3) : List.of(1, 2);
  }

  /** Each call takes its time, and others come in between. */
  private BlockStore slow() {
    return new SlowStore(memory, () -> time.sleep(Duration.ofMillis(1 + random.nextInt(20))));
  }

  private boolean happens(double probability) {
    return random.nextDouble() < probability;
  }

  private void count(String what) {
    counted.merge(what, 1, Integer::sum);
  }

  @ParameterizedTest
  @MethodSource("runs")
  void noAddressIsGivenTwiceNorFreedInUseAndNothingLeaks(int run) {
    settings = settings(run % 2 == 0 ? NARROW : WIDE);
    rounds = run % 2 == 0 ? 15 : 40;
    memory.listen(truth);
    memory.trouble(
        new SimulatedStore.Trouble() {
          @Override
          public boolean loseRequest() {
            return !calm && happens(0.01);
          }

          @Override
          public boolean loseAnswer() {
            return !calm && happens(0.02);
          }
        });
    for (int i = 0; i < NODES; i++) {
      String node = "node-" + i;
      truth.nodes.put(node, Map.of());
      journals.put(node, new TreeMap<>());
      start(node);
    }
    time.actor("chaos", this::chaos);
    time.actor("collector", this::collector);
    time.run();
    assertEquals("", truth.differences(memory));
    System.out.println(
        "run "
            + run
            + ": "
            + counted
            + ", at the end "
            + truth.live.size()
            + " addresses in "
            + memory.objects(ObjectKind.IPAM_BLOCK).size()
            + " blocks");
    int wanted = run % 2 == 0 ? 200 : 0;
    assertEquals(true, counted.getOrDefault("borrowed", 0) >= wanted, counted::toString);
    assertEquals(true, counted.getOrDefault("assigned", 0) > 300, counted::toString);
    assertEquals(true, counted.getOrDefault("assigned by Calico", 0) > 200, counted::toString);
    assertEquals(true, counted.getOrDefault("reclaimed", 0) > 10, counted::toString);
  }

  private static boolean isCalicos(String node) {
    return Integer.parseInt(node.substring(5)) % 3 == 0;
  }

  private void start(String node) {
    running.put(
        node,
        time.actor(node, () -> new NodeLife(node, journals.getOrDefault(node, Map.of())).run()));
  }

  /** Restarts processes, and takes machines away. */
  private void chaos() {
    for (int i = 0; i < 60; i++) {
      time.sleep(Duration.ofSeconds(20 + random.nextInt(40)));
      List<String> nodes = truth.nodeNames();
      String node = nodes.get(random.nextInt(nodes.size()));
      Interleaving.Actor actor = running.get(node);
      if (actor != null) {
        actor.kill();
      }
      time.pass();
      if (nodes.size() > NODES - 10 && happens(0.2)) {
        count("nodes lost");
        truth.nodes.remove(node);
        truth.live.values().removeIf(pod -> pod.startsWith(node + "/"));
        truth.pods.keySet().removeIf(pod -> pod.namespace().equals(node));
      } else {
        count("restarts");
        start(node);
      }
    }
    stopping = true;
  }

  private void collector() {
    LeakMemory remembered = LeakMemory.EMPTY;
    IpamObjects objects = new IpamObjects(slow(), ApiGroup.CRD);
    int calmPasses = 0;
    while (calmPasses < 12) {
      time.sleep(Duration.ofMinutes(stopping ? 8 : 3));
      calm = stopping;
      calmPasses += stopping ? 1 : 0;
      var affinities = objects.list(Codecs.AFFINITY);
      var handles = objects.list(Codecs.HANDLE);
      var blocks = objects.list(Codecs.BLOCK);
      if (affinities.failure().isPresent()
          || handles.failure().isPresent()
          || blocks.failure().isPresent()) {
        continue;
      }
      objects.finish(Codecs.AFFINITY, affinities.orThrow());
      objects.finish(Codecs.HANDLE, handles.orThrow());
      objects.finish(Codecs.BLOCK, blocks.orThrow());
      LeakSnapshot snapshot =
          new LeakSnapshot(
              blocks.orThrow().objects(),
              affinities.orThrow().objects(),
              handles.orThrow().objects(),
              settings.pools(),
              Map.copyOf(truth.nodes),
              truth.podsNow(),
              Duration.ZERO,
              happens(0.1) ? LeakMemory.EMPTY : remembered);
      LeakPlan plan = LeakCollector.plan(snapshot, time.instant(), GRACE);
      remembered = plan.memory();
      LeakExecution.Result result =
          new LeakExecution(
                  objects,
                  time,
                  key -> {
                    time.sleep(Duration.ofMillis(5));
                    return new KubeResult.Ok<>(Optional.ofNullable(truth.pods.get(key)));
                  })
              .execute(plan, snapshot, settings);
      counted.merge("reclaimed", result.reclaimed(), Integer::sum);
      counted.merge("blocks taken", result.blocks(), Integer::sum);
    }
  }

  /** A node's agent from its start to its end; what its pods have outlives it. */
  private final class NodeLife implements Runnable {
    private final String node;
    private final Map<ObjectKey, IpAddress> journal;
    private final NaiveCalico calico;
    private final ResidentAllocator allocator;

    private NodeLife(String node, Map<ObjectKey, IpAddress> journal) {
      this.node = node;
      this.journal = journal;
      calico =
          new NaiveCalico(
              slow(),
              node,
              settings.pools().getFirst().cidr(),
              28,
              time,
              new Random(random.nextLong()));
      allocator =
          new ResidentAllocator(
              new IpamObjects(slow(), ApiGroup.CRD),
              AffinityOwner.node(node),
              settings,
              time,
              Parallel.NONE);
    }

    @Override
    public void run() {
      // Pods that got no address before the restart are made anew.
      truth
          .pods
          .keySet()
          .removeIf(pod -> pod.namespace().equals(node) && !journal.containsKey(pod));
      while (!isCalicos(node) && allocator.load().isPresent()) {
        time.sleep(Duration.ofSeconds(1));
      }
      for (int i = 0; i < rounds && !stopping; i++) {
        time.sleep(Duration.ofSeconds(random.nextInt(60)));
        if (happens(0.5) && journal.size() < 16) {
          add(1 + random.nextInt(4));
        } else {
          remove(1 + random.nextInt(4));
        }
      }
    }

    private void add(int count) {
      List<ObjectKey> pods = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        ObjectKey pod = new ObjectKey(node, "pod-" + random.nextInt(1 << 30));
        pods.add(pod);
        truth.pods.put(pod, new PodFacts(node, List.of(), false));
      }
      if (isCalicos(node)) {
        pods.forEach(this::addByCalico);
        return;
      }
      List<AssignOutcome> outcomes = allocator.assign(pods.stream().map(this::request).toList());
      for (int i = 0; i < count; i++) {
        ObjectKey pod = pods.get(i);
        AssignOutcome outcome = outcomes.get(i);
        if (outcome instanceof AssignOutcome.Unavailable && happens(0.7)) {
          outcome = allocator.assign(List.of(request(pod))).getFirst();
        }
        switch (outcome) {
          case AssignOutcome.Assigned assigned -> {
            count(allocator.blocks().containsKey(assigned.block()) ? "assigned" : "borrowed");
            begin(pod, assigned.address());
          }
          case AssignOutcome.Refused _ -> {
            count("refused");
            truth.pods.remove(pod);
          }
          case AssignOutcome.Unavailable _ -> {
            count("unavailable");
            truth.pods.remove(pod);
          }
        }
      }
    }

    private void addByCalico(ObjectKey pod) {
      try {
        Optional<IpAddress> address =
            calico.assign(handle(pod), Map.of("namespace", node, "pod", pod.name(), "node", node));
        if (address.isPresent()) {
          count("assigned by Calico");
          begin(pod, address.get());
          return;
        }
      } catch (NaiveCalico.Failed e) {
        count("failed by Calico");
      }
      truth.pods.remove(pod);
    }

    private void begin(ObjectKey pod, IpAddress address) {
      truth.begins(address, pod.toString());
      journal.put(pod, address);
      truth.pods.put(pod, new PodFacts(node, List.of(address), false));
    }

    private AssignRequest request(ObjectKey pod) {
      return AssignRequest.forPod(handle(pod), node, pod.name(), node, IpFamily.IPV4);
    }

    private String handle(ObjectKey pod) {
      return "net." + node + "." + pod.name();
    }

    private void remove(int count) {
      List<ObjectKey> pods = journal.keySet().stream().limit(count).toList();
      List<ReleaseRequest> requests = new ArrayList<>();
      for (ObjectKey pod : pods) {
        IpAddress address = Objects.requireNonNull(journal.remove(pod));
        truth.ends(address, pod.toString());
        truth.pods.remove(pod);
        requests.add(new ReleaseRequest(address, handle(pod), OptionalLong.empty()));
      }
      if (!isCalicos(node)) {
        for (Optional<KubeFault> fault : allocator.release(requests)) {
          count(fault.isPresent() ? "release failed" : "released");
        }
        return;
      }
      for (ObjectKey pod : pods) {
        try {
          calico.release(handle(pod));
        } catch (NaiveCalico.Failed e) {
          count("release failed by Calico");
        }
      }
    }
  }
}
