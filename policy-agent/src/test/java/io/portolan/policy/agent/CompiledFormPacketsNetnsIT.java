package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.IpAddress;
import io.portolan.policy.compile.NaiveEvaluator;
import io.portolan.policy.compile.RandomCluster;
import io.portolan.policy.nft.Flow;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
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
import org.junit.jupiter.api.Test;

/** Real connections through the kernel against the API text, on random clusters. */
class CompiledFormPacketsNetnsIT {
  private static final int[] PORTS = {80, 81, 443, 8080, 53};

  private final long seed = Long.getLong("portolan.seed", System.nanoTime());

  @Test
  void packetsPassExactlyWhereTheApiTextLetsThem() throws Exception {
    int probes = 0;
    int denied = 0;
    for (int round = 0; round < 20; round++) {
      Random random = new Random(seed + round);
      RandomCluster cluster = RandomCluster.draw(random);
      try (NetworkLab lab = new NetworkLab();
          EchoServers servers = new EchoServers()) {
        Map<IpAddress, Host> hosts = attach(lab, cluster);
        for (Host host : List.copyOf(new LinkedHashSet<>(hosts.values()))) {
          for (int port : PORTS) {
            servers.serve(host, port);
          }
        }
        RecordingObserver observer = new RecordingObserver();
        Enforcer enforcer = new Enforcer(lab.tables(), () -> {}, observer, InstantSource.system());
        enforcer.start();
        cluster.changes().forEach(enforcer::apply);
        enforcer.synced();
        enforcer.commit();
        assertThat(observer.take()).noneMatch(line -> line.startsWith("failed"));

        List<Flow> flows =
            cluster.flows(random).stream()
                .filter(flow -> flow.protocol() == 6 || flow.protocol() == 17)
                .filter(f -> hosts.containsKey(f.source()) && hosts.containsKey(f.destination()))
                .toList();
        Map<String, Boolean> expected = new TreeMap<>();
        flows.forEach(f -> expected.put(f.toString(), new NaiveEvaluator(cluster).allows(f)));
        assertThat(probe(hosts, flows))
            .as("seed %d: %s\n%s", seed + round, cluster, lab.nft("list", "ruleset"))
            .isEqualTo(expected);
        probes += expected.size();
        denied += (int) expected.values().stream().filter(allowed -> !allowed).count();
      }
    }
    System.out.println(
        "seed " + seed + ": " + probes + " probes with packets, " + denied + " denied");
    assertThat(denied).isBetween(probes / 20, probes * 19 / 20);
  }

  private static Map<IpAddress, Host> attach(NetworkLab lab, RandomCluster cluster) {
    Map<IpAddress, Host> hosts = new HashMap<>();
    for (RandomCluster.TestPod pod : cluster.pods()) {
      if (!pod.finished()) {
        Host host = lab.attach("veth" + pod.name(), pod.addresses());
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
    outside.addresses().forEach(address -> hosts.put(address, outside));
    return hosts;
  }

  /** All flows at once; what has not answered after a second is taken as denied. */
  private static Map<String, Boolean> probe(Map<IpAddress, Host> hosts, List<Flow> flows)
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
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(900);
    List<Flow> open = new ArrayList<>(flows);
    while (!open.isEmpty() && System.nanoTime() < deadline) {
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
