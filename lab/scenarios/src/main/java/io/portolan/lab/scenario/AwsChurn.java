package io.portolan.lab.scenario;

import io.portolan.lab.cluster.LabNode;
import io.portolan.lab.cluster.LabPod;
import io.portolan.lab.cluster.PodSpec;
import io.portolan.lab.matrix.Matrix;
import io.portolan.lab.probe.LongConversations;
import io.portolan.lab.report.LabReport;
import io.portolan.sim.policy.PolicyText;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Scenario {@code aws-churn}: pods come and go while the controller and the agents are killed at
 * any moment. Nothing may be given twice, nothing may be lost, and pods that nobody touches must
 * not notice.
 */
final class AwsChurn {
  private static final List<String> NODES = List.of("node-1", "node-2", "node-3");
  private static final int UNTOUCHED_PER_NODE = 3;
  private static final int ALIVE_AT_MOST = 60;
  private static final int WORKERS = 6;
  private static final int TALK_PORT = 7000;
  private static final int RESERVE = 2;
  private static final Duration SETTLE = Duration.ofSeconds(90);
  private static final String PROFILE =
      """
      apiVersion: portolan.io/v1alpha1
      kind: NetworkProfile
      metadata: {name: default}
      spec:
        ipam: AWS
        pool: {reserve: 2, cooldownSeconds: 2, releaseDelaySeconds: 5}
      """;

  private final AwsCluster cluster;
  private final ChurnOptions options;
  private final Progress progress;
  private final List<LabReport.Check> checks = new ArrayList<>();
  private final AtomicInteger started = new AtomicInteger();
  private final AtomicInteger killsLeft = new AtomicInteger();

  AwsChurn(AwsCluster cluster, ChurnOptions options, Progress progress) {
    this.cluster = cluster;
    this.options = options;
    this.progress = progress;
  }

  LabReport run() throws Exception {
    progress.step("seed " + options.seed());
    cluster.kube().objects().create(PROFILE);
    for (int i = 0; i < NODES.size(); i++) {
      cluster.addNode(NODES.get(i), "m5.xlarge", i < 2 ? "a" : "b");
    }
    cluster.startController();
    cluster.awaitAgents();
    List<PodSpec> untouched = new ArrayList<>();
    for (int i = 0; i < NODES.size() * UNTOUCHED_PER_NODE; i++) {
      untouched.add(pod("untouched-" + i, NODES.get(i % NODES.size())));
    }
    PodFleet fleet = new PodFleet(cluster.kubelet());
    fleet.start(untouched);
    Matrix matrix;
    try (LongConversations talk = new LongConversations(Duration.ofSeconds(5))) {
      startTalking(talk);
      progress.step(
          "3 nodes, " + untouched.size() + " pods that talk to each other and are left alone");
      churn();
      progress.step(started.get() + " pods started, " + options.kills() + " kills");
      matrix = settledMatrix();
      check(
          "connections of untouched pods are unbroken",
          talk.broken().isEmpty() && talk.exchanges() > 0,
          talk.broken().isEmpty()
              ? talk.exchanges()
                  + " exchanges, longest wait "
                  + talk.longestGap().toMillis()
                  + " ms"
              : String.join("; ", talk.broken()));
      AwsChecks asked = new AwsChecks(cluster);
      checks.addAll(asked.addresses());
      LabReport report =
          AwsReports.of("aws-churn", options.seed(), cluster, matrix, checks, asked, progress);
      fleet.stop(
          cluster.kubelet().pods().stream()
              .filter(p -> !p.spec().name().startsWith("untouched"))
              .toList());
      settleSupply(untouched.size());
      removeNodeAndSettle(fleet);
      return AwsReports.with(report, checks, progress);
    }
  }

  private void startTalking(LongConversations talk) throws IOException {
    List<LabPod> pods = List.copyOf(cluster.kubelet().pods());
    for (LabPod pod : pods) {
      talk.echoAt(
          pod.namespace()
              .<ServerSocketChannel, IOException>call(
                  () -> ServerSocketChannel.open().bind(new InetSocketAddress(TALK_PORT))));
    }
    for (int i = 0; i < pods.size(); i++) {
      LabPod from = pods.get(i);
      LabPod to = pods.get((i + 1) % pods.size());
      SocketChannel channel =
          from.namespace().<SocketChannel, IOException>call(SocketChannel::open);
      talk.talk(
          from.spec().name() + " to " + to.spec().name(),
          channel,
          new InetSocketAddress(to.addresses().getFirst().toInetAddress(), TALK_PORT));
    }
  }

  private void churn() throws Exception {
    killsLeft.set(options.kills());
    List<Thread> workers = new ArrayList<>();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    for (int worker = 0; worker < WORKERS; worker++) {
      int number = worker;
      workers.add(
          Thread.ofPlatform()
              .name("churn-" + worker)
              .start(() -> {
                try {
                  startAndStop(number);
                } catch (Exception e) {
                  failures.add(e);
                }
              }));
    }
    killComponents(workers);
    for (Thread worker : workers) {
      worker.join();
    }
    if (!failures.isEmpty()) {
      throw new IOException(
          "churn failed: " + failures.getFirst().getMessage(), failures.getFirst());
    }
  }

  /** One worker: its own pods, its own choices. */
  private void startAndStop(int worker) throws Exception {
    Random random = new Random(options.seed() * 31 + worker);
    List<LabPod> mine = new ArrayList<>();
    while (true) {
      boolean full = mine.size() >= ALIVE_AT_MOST / WORKERS;
      if (!full && (mine.isEmpty() || random.nextInt(5) < 3)) {
        int number = started.incrementAndGet();
        if (number > options.pods() && killsLeft.get() <= 0) {
          started.decrementAndGet();
          return;
        }
        mine.add(
            cluster
                .kubelet()
                .start(
                    pod(
                        "churn-" + worker + "-" + number,
                        NODES.get(random.nextInt(NODES.size())))));
      } else {
        cluster.kubelet().stop(mine.remove(random.nextInt(mine.size())));
      }
    }
  }

  private void killComponents(List<Thread> workers) throws Exception {
    Random random = new Random(options.seed());
    while (killsLeft.get() > 0) {
      Thread.sleep(150 + random.nextInt(700));
      int target = random.nextInt(NODES.size() + 1);
      if (target == NODES.size()) {
        cluster.killController();
        cluster.startController();
      } else {
        LabNode node = cluster.node(NODES.get(target));
        node.killAgent();
        node.startAgent();
      }
      int left = killsLeft.decrementAndGet();
      if (left % 10 == 0) {
        progress.step((options.kills() - left) + " kills, " + started.get() + " pods started");
      }
      if (workers.stream().noneMatch(Thread::isAlive)) {
        killsLeft.set(0);
      }
    }
  }

  private Matrix settledMatrix() throws IOException {
    PolicyText noPolicy = new PolicyText(List.of(), Map.of());
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    Matrix matrix = Matrix.compare(noPolicy, Probing.everyPair(cluster.kubelet().pods()));
    while (!matrix.mismatches().isEmpty() && System.nanoTime() < deadline) {
      matrix = Matrix.compare(noPolicy, Probing.everyPair(cluster.kubelet().pods()));
    }
    check(
        "every pod reaches every other after the churn",
        matrix.mismatches().isEmpty(),
        matrix.probes() + " connections, mismatches: " + matrix.mismatches().size());
    return matrix;
  }

  /**
   * An address that an agent lost track of would count as in use for ever: it would never be given
   * back. So supply that shrinks to what is needed proves that none was lost.
   */
  private void settleSupply(int podsLeft) throws InterruptedException {
    int wanted = podsLeft + NODES.size() * RESERVE;
    AwsSupply supply =
        awaitSupply(
            s -> s.assigned() <= wanted && s.unattached().isEmpty() && s.publishedEqualsAssigned());
    check(
        "no address is lost: supply shrinks to demand and reserve",
        supply.assigned() <= wanted,
        supply.assigned() + " assigned, wanted at most " + wanted);
    check(
        "supply in NodeNetworks is what EC2 has assigned",
        supply.publishedEqualsAssigned(),
        supply.difference());
    check("no ENI is leaked", supply.unattached().isEmpty(), "unattached: " + supply.unattached());
    progress.step(
        "pool has shrunk to " + supply.assigned() + " addresses for " + podsLeft + " pods");
  }

  private void removeNodeAndSettle(PodFleet fleet) throws Exception {
    String gone = NODES.getLast();
    fleet.forget(
        cluster.kubelet().pods().stream().filter(p -> p.spec().node().equals(gone)).toList());
    String instance = cluster.node(gone).instanceId();
    cluster.removeNode(gone);
    AwsSupply supply = awaitSupply(s -> s.unattached().isEmpty() && s.interfacesOf(instance) == 0);
    check(
        "a node that is gone leaves no ENI",
        supply.unattached().isEmpty() && supply.interfacesOf(instance) == 0,
        "unattached: " + supply.unattached() + ", of the node: " + supply.interfacesOf(instance));
  }

  private AwsSupply awaitSupply(Predicate<AwsSupply> settled) throws InterruptedException {
    long deadline = System.nanoTime() + SETTLE.toNanos();
    AwsSupply supply = AwsSupply.of(cluster);
    while (!settled.test(supply) && System.nanoTime() < deadline) {
      Thread.sleep(250);
      supply = AwsSupply.of(cluster);
    }
    return supply;
  }

  private void check(String name, boolean ok, String detail) {
    checks.add(new LabReport.Check(name, ok, detail));
  }

  private static PodSpec pod(String name, String node) {
    return new PodSpec("default", name, node, Map.of("app", "churn"), Map.of("http", 8080));
  }
}
