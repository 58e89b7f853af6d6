package io.portolan.lab.bench;

import static io.portolan.lab.bench.Table.figure;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.sim.kube.KubeObjects;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * How soon a flow ends that a policy stops allowing: a TCP connection and a UDP flow of one pod to
 * another, with a number each millisecond, are denied by an edit of a policy, allowed again by the
 * next edit, and so on. The same flows of a third pod stay allowed beside them.
 *
 * <p>All three pods are of one node, all policies select all of them.
 */
final class CutBench implements AutoCloseable {
  private static final String SPACE = "cut";
  private static final int TCP_PORT = 8080;
  private static final int UDP_PORT = 8081;

  /** Before what is measured, so that the code is compiled as it is in an agent that runs. */
  private static final int WARM_UP = 5;

  /** What a flow may need to end, or to go on. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** A flow of one number a millisecond that was silent for so long has ended. */
  private static final long SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private static final long LIVELY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final KubeObjects objects;
  private final NodePods pods;
  private final Random random;
  private final List<NodePods.NodePod> started = new ArrayList<>();
  private final NodePods.NodePod server;
  private final NodePods.NodePod denied;
  private final NodePods.NodePod allowed;
  private final IpAddress address;
  private int policies;

  /**
   * Starts the pods.
   *
   * @param seed when edits come
   */
  CutBench(BenchCluster cluster, NodePods pods, long seed)
      throws IOException, InterruptedException {
    this.pods = pods;
    objects = cluster.objects();
    random = new Random(seed);
    objects.create("{apiVersion: v1, kind: Namespace, metadata: {name: " + SPACE + "}}");
    server = pods.bind(SPACE, "server", "app: server");
    started.add(server);
    address = pods.start(server);
    denied = start("denied");
    allowed = start("allowed");
  }

  private NodePods.NodePod start(String role) throws IOException, InterruptedException {
    NodePods.NodePod pod = pods.bind(SPACE, role, "role: " + role);
    started.add(pod);
    pods.start(pod);
    return pod;
  }

  /**
   * @param policies on the node
   * @param tcp from the edit to the last segment
   * @param udp from the edit to the last datagram
   * @param sent segments and datagrams of the allowed flows meanwhile
   * @param lostSegments of the allowed connection
   * @param lostDatagrams of the allowed flow
   */
  record Cuts(
      int policies, Samples tcp, Samples udp, long sent, long lostSegments, long lostDatagrams) {}

  /**
   * Cuts the flows so many times.
   *
   * @param count of policies on the node, the edited one among them; not fewer than at the last
   *     call
   * @throws IOException if a flow does not end, or does not go on when it is allowed again
   */
  Cuts cut(int count, int times) throws IOException, InterruptedException {
    for (; policies < count - 1; policies++) {
      objects.create(otherPolicy(policies));
    }
    edit(true);
    InetSocketAddress tcp = new InetSocketAddress(address.toInetAddress(), TCP_PORT);
    InetSocketAddress udp = new InetSocketAddress(address.toInetAddress(), UDP_PORT);
    InetSocketAddress tcpBeside = new InetSocketAddress(address.toInetAddress(), TCP_PORT + 2);
    InetSocketAddress udpBeside = new InetSocketAddress(address.toInetAddress(), UDP_PORT + 2);
    List<Long> segments = new ArrayList<>();
    List<Long> datagrams = new ArrayList<>();
    try (SteadyFlow connection = SteadyFlow.tcp(denied.netns(), server.netns(), tcp);
        SteadyFlow flow = SteadyFlow.udp(denied.netns(), server.netns(), udp);
        SteadyFlow besideTcp = SteadyFlow.tcp(allowed.netns(), server.netns(), tcpBeside);
        SteadyFlow besideUdp = SteadyFlow.udp(allowed.netns(), server.netns(), udpBeside)) {
      List<SteadyFlow> cut = List.of(connection, flow);
      awaitLively(List.of(connection, flow, besideTcp, besideUdp));
      long before = lostSegments(allowed.netns());
      long sent = besideTcp.sent() + besideUdp.sent();
      long lost = besideUdp.lost();
      for (int time = 0; time < WARM_UP + times; time++) {
        TimeUnit.MICROSECONDS.sleep(50_000 + random.nextInt(20_000));
        long begin = System.nanoTime();
        edit(false);
        await("a denied flow goes on", () -> cut.stream().noneMatch(f -> f.isAlive(SILENCE_NANOS)));
        if (time >= WARM_UP) {
          segments.add(Math.max(0, connection.lastDelivery() - begin));
          datagrams.add(Math.max(0, flow.lastDelivery() - begin));
        }
        edit(true);
        awaitLively(cut);
      }
      return new Cuts(
          count,
          new Samples(segments),
          new Samples(datagrams),
          besideTcp.sent() + besideUdp.sent() - sent,
          lostSegments(allowed.netns()) - before,
          besideUdp.lost() - lost);
    }
  }

  /** Until a flow is as fresh as it is without cuts: TCP sends again after a time of its own. */
  private static void awaitLively(List<SteadyFlow> flows) throws IOException, InterruptedException {
    await(
        "an allowed flow does not go on",
        () -> flows.stream().allMatch(flow -> flow.delivered() > 0 && flow.isAlive(LIVELY_NANOS)));
  }

  private static void await(String otherwise, BooleanSupplier condition)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - begin > PATIENCE.toNanos()) {
        throw new IOException(otherwise + " for " + PATIENCE.toSeconds() + " s");
      }
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }

  private void edit(boolean allows) {
    objects.apply(
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {namespace: %s, name: edited}
        spec:
          podSelector: {}
          policyTypes: [Ingress]
          ingress:
          - from: [{podSelector: {matchExpressions: [{key: role, operator: In, values: [%s]}]}}]
        """
            .formatted(SPACE, allows ? "allowed, denied" : "allowed"));
  }

  private static String otherPolicy(int number) {
    return """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {namespace: %s, name: other-%d}
    spec:
      podSelector: {}
      policyTypes: [Ingress]
      ingress:
      - from:
        - namespaceSelector: {matchLabels: {team: t%d}}
          podSelector: {matchLabels: {app: app-%d}}
        - ipBlock: {cidr: 172.16.%d.0/24}
        ports: [{port: %d}]
    """
        .formatted(SPACE, number, number % 10, number / 10 % 10, number % 256, 10_000 + number);
  }

  /**
   * Segments of a namespace that did not arrive. One that was sent again though the receiver had it
   * already, and said so (RFC 2883), was late.
   */
  private static long lostSegments(NetworkNamespace netns) throws IOException {
    return count(netns, "snmp", "Tcp: ", "RetransSegs")
        - count(netns, "netstat", "TcpExt: ", "TCPDSACKRecv");
  }

  /** A counter of /proc/net: a line of names, then one of numbers. */
  private static long count(NetworkNamespace netns, String file, String start, String name)
      throws IOException {
    List<String[]> lines =
        netns
            .<List<String>, IOException>call(
                () -> Files.readAllLines(Path.of("/proc/thread-self/net/" + file)))
            .stream()
            .filter(line -> line.startsWith(start))
            .map(line -> line.split(" ", -1))
            .toList();
    return Long.parseLong(lines.getLast()[List.of(lines.getFirst()).indexOf(name)]);
  }

  /** Rows of two flows for each number of policies. */
  static String table(List<Cuts> measured) {
    Table table =
        new Table("", "cuts", "p50 ms", "p99 ms", "max ms", "sent beside it", "of those lost");
    for (Cuts cuts : measured) {
      String on = cuts.policies() == 1 ? ", 1 policy" : ", %,d policies".formatted(cuts.policies());
      row(table, "TCP" + on, cuts.tcp(), cuts);
      row(table, "UDP" + on, cuts.udp(), cuts);
    }
    return table.toString();
  }

  private static void row(Table table, String name, Samples samples, Cuts cuts) {
    table.row(
        name,
        Integer.toString(samples.count()),
        figure(samples.medianMillis()),
        figure(samples.millis(0.99)),
        figure(samples.maxMillis()),
        "%,d".formatted(cuts.sent()),
        "%,d".formatted(cuts.lostSegments() + cuts.lostDatagrams()));
  }

  @Override
  public void close() throws IOException, InterruptedException {
    for (NodePods.NodePod pod : started) {
      pods.remove(pod);
    }
  }
}
