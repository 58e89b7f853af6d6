package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.IpAddress;
import io.portolan.policy.compile.NaiveCalico;
import io.portolan.policy.compile.NaiveEvaluator;
import io.portolan.policy.compile.NaiveModel;
import io.portolan.policy.compile.RandomCalico;
import io.portolan.policy.compile.RandomCluster;
import io.portolan.policy.compile.RandomModel;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.nft.Flow;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Real connections through the kernel against the API text, on random clusters. */
class CompiledFormPacketsNetnsIT {
  private static final int[] PORTS = {80, 81, 443, 8080, 53};
  private static final int SOURCE_PORTS = 50_000;
  private static final Duration SILENCE = Duration.ofMillis(900);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final long seed = Long.getLong("portolan.seed", System.nanoTime());

  /** What one round's node is told, and who may reach whom. */
  private record Round(
      RandomCluster cluster, List<ClusterChange> changes, Predicate<Flow> allowed) {}

  private interface Draw {
    Round round(Random random) throws Exception;
  }

  @Test
  void packetsPassExactlyWhereTheApiTextLetsThem() throws Exception {
    compare(
        20,
        20,
        random -> {
          RandomCluster cluster =
              random.nextBoolean() ? RandomCluster.draw(random) : RandomCluster.drawTiered(random);
          NaiveEvaluator expected = new NaiveEvaluator(cluster);
          return new Round(cluster, cluster.changes(), expected::allows);
        });
  }

  @Test
  void packetsPassExactlyWhereManyPoliciesOfOnePodLetThem() throws Exception {
    compare(
        15,
        100,
        random -> {
          RandomCluster cluster = RandomCluster.drawWide(random);
          NaiveEvaluator text = new NaiveEvaluator(cluster);
          return new Round(cluster, cluster.changes(), text::allows);
        });
  }

  @Test
  void packetsPassExactlyWhereTiersLetThem() throws Exception {
    compare(
        25,
        100,
        random -> {
          RandomCluster cluster = RandomCluster.draw(random).withoutPolicies();
          RandomModel tiers = RandomModel.draw(random);
          NaiveModel expected = new NaiveModel(cluster, tiers);
          List<ClusterChange> changes = new ArrayList<>(cluster.changes());
          changes.addAll(tiers.changes());
          return new Round(cluster, changes, expected::allows);
        });
  }

  @Test
  void packetsPassExactlyWhereTheTextOfCalicoLetsThem() throws Exception {
    compare(
        20,
        50,
        random -> {
          RandomCalico calico = RandomCalico.draw(random);
          NaiveCalico text = new NaiveCalico(calico);
          return new Round(calico.cluster(), calico.changes(), text::allows);
        });
  }

  /**
   * @param part at least one in so many probes is denied, and at least one allowed; less would not
   *     say much
   */
  private void compare(int rounds, int part, Draw draw) throws Exception {
    int probes = 0;
    int denied = 0;
    for (int i = 0; i < rounds || (i < 10 * rounds && !tells(part, probes, denied)); i++) {
      Random random = new Random(seed + i);
      Round round = draw.round(random);
      try (NetworkLab lab = new NetworkLab();
          EchoServers servers = new EchoServers()) {
        Map<IpAddress, Host> hosts = attach(lab, round.cluster());
        for (Host host : List.copyOf(new LinkedHashSet<>(hosts.values()))) {
          for (int port : PORTS) {
            servers.serve(host, port);
          }
        }
        RecordingObserver observer = new RecordingObserver();
        Enforcer enforcer = new Enforcer(lab.tables(), () -> {}, observer, InstantSource.system());
        enforcer.start();
        round.changes().forEach(enforcer::apply);
        enforcer.synced();
        enforcer.commit();
        assertThat(observer.take()).noneMatch(line -> line.startsWith("failed"));

        List<Flow> flows =
            round.cluster().flows(random).stream()
                .filter(flow -> flow.protocol() == 6 || flow.protocol() == 17)
                .filter(flow -> flow.addressed().equals(flow.destination()))
                .filter(f -> hosts.containsKey(f.source()) && hosts.containsKey(f.destination()))
                // What a pod sends to itself never leaves it.
                .filter(f -> !Objects.equals(hosts.get(f.source()), hosts.get(f.destination())))
                .map(f ->
                    new Flow(f.source(), f.destination(), f.protocol(), SOURCE_PORTS, f.port()))
                .distinct()
                .toList();
        Map<String, Boolean> expected = new TreeMap<>();
        flows.forEach(f -> expected.put(f.toString(), round.allowed().test(f)));
        assertThat(probe(hosts, flows, expected))
            .as("seed %d: %s\n%s", seed + i, round, lab.nft("list", "ruleset"))
            .isEqualTo(expected);
        probes += expected.size();
        denied += (int) expected.values().stream().filter(allowed -> !allowed).count();
      }
    }
    System.out.println(
        "seed " + seed + ": " + probes + " probes with packets, " + denied + " denied");
    assertThat(tells(part, probes, denied)).as("enough of both answers").isTrue();
  }

  /** Whether there were enough of both answers: a few random clusters may allow nearly all. */
  private static boolean tells(int part, int probes, int denied) {
    return denied >= probes / part && denied <= probes - probes / part;
  }

  private static Map<IpAddress, Host> attach(NetworkLab lab, RandomCluster cluster) {
    Map<IpAddress, Host> hosts = new HashMap<>();
    for (RandomCluster.TestPod pod : cluster.pods()) {
      if (!pod.finished()) {
        Host host = lab.attach("veth" + pod.name(), pod.addresses());
        ports(host);
        pod.addresses().forEach(address -> hosts.put(address, host));
      }
    }
    Host outside =
        lab.attach(
            "uplink",
            List.of(
                IpAddress.parse("192.0.2.7"),
                IpAddress.parse("10.0.9.9"),
                IpAddress.parse("2001:db8::7")));
    ports(outside);
    outside.addresses().forEach(address -> hosts.put(address, outside));
    return hosts;
  }

  /** Connections come from ports that no policy speaks of. */
  private static void ports(Host host) {
    NetworkLab.run(
        host.namespace(),
        "sysctl",
        "-q",
        "-w",
        "net.ipv4.ip_local_port_range=" + SOURCE_PORTS + " " + (SOURCE_PORTS + 10_000));
  }

  /**
   * All flows at once. What has not answered is taken as denied: after a second where no answer is
   * expected, after half a minute where one is, however busy the machine.
   */
  private static Map<String, Boolean> probe(
      Map<IpAddress, Host> hosts, List<Flow> flows, Map<String, Boolean> expected)
      throws IOException, InterruptedException {
    Map<String, Boolean> answers = new TreeMap<>();
    Map<Flow, SocketChannel> tcp = new HashMap<>();
    Map<Flow, DatagramChannel> udp = new HashMap<>();
    for (Flow flow : flows) {
      Host source = Objects.requireNonNull(hosts.get(flow.source()));
      InetSocketAddress target =
          new InetSocketAddress(flow.destination().toInetAddress(), flow.port());
      if (flow.protocol() == 6) {
        SocketChannel channel = source.tcp(flow.source());
        channel.connect(target);
        tcp.put(flow, channel);
      } else {
        DatagramChannel channel = source.udp(flow.source(), 0);
        channel.connect(target);
        channel.write(ByteBuffer.wrap(new byte[] {1}));
        udp.put(flow, channel);
      }
      answers.put(flow.toString(), false);
    }
    long begin = System.nanoTime();
    List<Flow> open = new ArrayList<>(flows);
    Duration patience = SILENCE;
    while (!open.isEmpty() && System.nanoTime() - begin < patience.toNanos()) {
      for (Flow flow : List.copyOf(open)) {
        boolean answered =
            flow.protocol() == 6
                ? Objects.requireNonNull(tcp.get(flow)).finishConnect()
                : Objects.requireNonNull(udp.get(flow)).read(ByteBuffer.allocate(8)) > 0;
        if (answered) {
          answers.put(flow.toString(), true);
          open.remove(flow);
        }
      }
      boolean awaited =
          open.stream().anyMatch(flow -> expected.getOrDefault(flow.toString(), false));
      patience = awaited ? PATIENCE : SILENCE;
      TimeUnit.MILLISECONDS.sleep(5);
    }
    for (SocketChannel channel : tcp.values()) {
      channel.close();
    }
    for (DatagramChannel channel : udp.values()) {
      channel.close();
    }
    return answers;
  }
}
