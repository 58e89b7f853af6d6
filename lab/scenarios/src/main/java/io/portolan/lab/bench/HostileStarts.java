package io.portolan.lab.bench;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.lab.bench.NodePods.NodePod;
import io.portolan.lab.cluster.Program;
import io.portolan.linux.packet.Station;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.Link;
import io.portolan.linux.route.MacAddress;
import io.portolan.linux.route.Neighbor;
import io.portolan.linux.route.Route;
import io.portolan.linux.route.RouteBatch;
import io.portolan.linux.route.RouteSocket;
import io.portolan.sim.kube.KubeObjects;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Pods that a policy denies everything start and end on a node, through the plugin, while a pod of
 * the node and a machine outside send to every address the node has for pods, and a program in each
 * of the pods sends to both from before the pod has a link. What reaches anybody is counted on the
 * receiver's link, before its own stack.
 *
 * <p>The addresses are few and rest for a second only, so each is used many times.
 */
final class HostileStarts implements AutoCloseable {
  /** /28 blocks that the node has for pods. */
  static final int PREFIXES = 2;

  private static final String DENIED = "denied";
  private static final String OPEN = "open";
  private static final IpAddress STRANGER = IpAddress.parse("10.0.0.99");
  private static final long TO_PODS = 0x746f_2070_6f64_7321L;
  private static final long OF_PODS = 0x6f66_2070_6f64_7321L;

  /** How long a pod lives: packets meet it hundreds of times. */
  private static final long LIFE_MILLIS = 20;

  /** ADD and DEL take less, from the plugin's start to its end. */
  private static final int KILL_WITHIN_MICROS = 8_000;

  private static final long PROGRAMMED_MILLIS = 50;

  private final BenchNode node;
  private final NodePods pods;
  private final List<String> command;
  private final KubeObjects objects;
  private final List<Program> agents = new ArrayList<>();
  private final NodePod sink;
  private final NodePod hostile;
  private final IpAddress sinkAddress;
  private int names;

  /**
   * Starts the agent, and the pods that are no victims.
   *
   * @param cluster with {@link #PREFIXES} blocks of addresses
   * @param command starts the agent with {@link #arguments}
   */
  HostileStarts(BenchCluster cluster, BenchNode node, NodePods pods, List<String> command)
      throws IOException, InterruptedException {
    this.node = node;
    this.pods = pods;
    this.command = List.copyOf(command);
    objects = cluster.objects();
    for (String space : List.of(DENIED, OPEN)) {
      objects.create("{apiVersion: v1, kind: Namespace, metadata: {name: " + space + "}}");
    }
    objects.create(
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {namespace: %s, name: nothing}
        spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
        """
            .formatted(DENIED));
    node.startTimed(command, agents);
    try (RouteSocket routes = RouteSocket.openIn(node.namespace());
        RouteSocket uplink = RouteSocket.openIn(node.uplink())) {
      int device = routes.link("ens5").orElseThrow().index();
      routes.apply(
          new RouteBatch()
              // What is for an address that no pod has does not leave the node.
              .add(Route.blackhole(prefix(BenchCluster.POD_RANGE)))
              .replace(
                  Neighbor.permanent(device, BenchCluster.GATEWAY.toInetAddress(), far(uplink))));
    }
    sink = pods.bind(OPEN, "sink", "app: sink");
    sinkAddress = pods.start(sink);
    hostile = pods.bind(OPEN, "hostile", "app: hostile");
    pods.start(hostile);
  }

  /** The agent's arguments: addresses rest for a second. */
  static List<String> arguments(BenchNode node) {
    List<String> arguments = new ArrayList<>(node.arguments());
    arguments.addAll(List.of("--cooldown", "1"));
    return arguments;
  }

  private static MacAddress far(RouteSocket uplink) {
    return uplink.link("ens5-far").flatMap(Link::mac).orElseThrow();
  }

  private static IpPrefix prefix(Cidr cidr) {
    return new IpPrefix(cidr.network().toInetAddress(), cidr.prefixLength());
  }

  /**
   * @param starts of pods
   * @param kills of the agent, at moments of an ADD or a DEL
   * @param sentToPods packets
   * @param sentByPods packets
   * @param reachedPods packets of others that arrived on a link of one of the pods
   * @param leftPods packets of the pods that arrived at another pod or outside of the node
   */
  record Outcome(
      int starts, int kills, long sentToPods, long sentByPods, long reachedPods, long leftPods) {}

  /**
   * Starts and ends pods that are denied everything.
   *
   * @param kills how many times the agent is killed meanwhile; at most {@code starts}
   */
  Outcome denied(int starts, int kills, long seed) throws IOException, InterruptedException {
    return run(DENIED, starts, kills, new Random(seed));
  }

  /** The same with pods that are denied nothing: that packets would arrive, were they let pass. */
  Outcome open(int starts, long seed) throws IOException, InterruptedException {
    return run(OPEN, starts, 0, new Random(seed));
  }

  private Outcome run(String space, int starts, int kills, Random random)
      throws IOException, InterruptedException {
    List<IpAddress> targets =
        IntStream.range(0, PREFIXES * 16)
            .mapToObj(i -> BenchCluster.POD_RANGE.address(i))
            .filter(address -> !address.equals(sinkAddress))
            .toList();
    List<IpAddress> outside = List.of(sinkAddress, BenchCluster.GATEWAY);
    List<Integer> killed = new ArrayList<>(IntStream.range(0, starts).boxed().toList());
    Collections.shuffle(killed, random);
    List<Integer> doomed = killed.subList(0, kills);
    long reached = 0;
    long sentByPods = 0;
    try (Counter left = new Counter(OF_PODS, List.of(station(sink), uplink()));
        Flood fromPod = Flood.within(hostile, targets, TO_PODS);
        Flood fromOutside = Flood.outside(uplink(), STRANGER, targets, TO_PODS)) {
      for (int start = 0; start < starts; start++) {
        NodePod pod = pods.bind(space, "pod-" + names++, "app: victim");
        try (Counter arrived = new Counter(TO_PODS, List.of(station(pod)));
            Flood within = Flood.within(pod, outside, OF_PODS)) {
          // The agent has the pod's policy before the runtime asks, or hears of the pod later.
          TimeUnit.MILLISECONDS.sleep(random.nextBoolean() ? PROGRAMMED_MILLIS : 0);
          boolean dies = doomed.contains(start);
          boolean atAdd = random.nextBoolean();
          CompletableFuture<?> again = CompletableFuture.completedFuture(null);
          if (dies && atAdd) {
            again = killSoon(random.nextInt(KILL_WITHIN_MICROS));
          }
          pods.start(pod);
          TimeUnit.MILLISECONDS.sleep(LIFE_MILLIS);
          if (dies && !atAdd) {
            again = killSoon(random.nextInt(KILL_WITHIN_MICROS));
          }
          pods.remove(pod);
          sentByPods += within.end();
          reached += arrived.end();
          again.join();
        }
      }
      TimeUnit.MILLISECONDS.sleep(LIFE_MILLIS);
      long sentToPods = fromPod.end() + fromOutside.end();
      return new Outcome(starts, kills, sentToPods, sentByPods, reached, left.end());
    }
  }

  /** Kills the agent in so many microseconds and starts it again; completes when it is ready. */
  private CompletableFuture<?> killSoon(int micros) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            TimeUnit.MICROSECONDS.sleep(micros);
            agents.getLast().kill();
            agents.clear();
            node.startTimed(command, agents);
          } catch (IOException e) {
            throw new IllegalStateException("the agent does not come back", e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        },
        task -> Thread.ofPlatform().name("killer").daemon().start(task));
  }

  /** Sees what arrives in the pod's namespace, on links that are made later, too. */
  private static Station station(NodePod pod) {
    return Station.onLink(pod.netns(), 0, MacAddress.parse(BenchCluster.MAC));
  }

  private Station uplink() {
    try (RouteSocket routes = RouteSocket.openIn(node.uplink())) {
      return Station.onLink(
          node.uplink(),
          routes.link("ens5-far").orElseThrow().index(),
          MacAddress.parse(BenchCluster.MAC));
    }
  }

  /** Counts packets of one mark that arrive at some places. */
  private static final class Counter implements AutoCloseable {
    private final List<Station> stations;
    private final long mark;
    private final Thread thread;
    private final AtomicBoolean ending = new AtomicBoolean();
    private final AtomicLong count = new AtomicLong();

    Counter(long mark, List<Station> stations) {
      this.stations = stations;
      this.mark = mark;
      thread = Thread.ofPlatform().name("count").daemon().start(this::run);
    }

    private void run() {
      boolean last;
      do {
        last = ending.get();
        for (Station station : stations) {
          station.receive(found -> {
            if (found == mark) {
              count.incrementAndGet();
            }
          });
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      } while (!last);
    }

    /** Ends it; how many there were. */
    long end() {
      if (!ending.getAndSet(true)) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        stations.forEach(Station::close);
      }
      return count.get();
    }

    @Override
    public void close() {
      end();
    }
  }

  /** A row for each run. */
  static String table(List<Outcome> outcomes) {
    Table table =
        new Table(
            "",
            "agent killed",
            "packets to the pods",
            "of those arrived",
            "packets of the pods",
            "of those arrived");
    for (Outcome outcome : outcomes) {
      table.row(
          "%,d pod starts".formatted(outcome.starts()),
          "%,d ×".formatted(outcome.kills()),
          "%,d".formatted(outcome.sentToPods()),
          "**%,d**".formatted(outcome.reachedPods()),
          "%,d".formatted(outcome.sentByPods()),
          "**%,d**".formatted(outcome.leftPods()));
    }
    return table.toString();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    pods.remove(hostile);
    pods.remove(sink);
    agents.forEach(Program::kill);
  }
}
