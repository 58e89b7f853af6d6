package io.portolan.lab.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.lab.bench.Plugin.Sandbox;
import io.portolan.linux.netns.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * ADD and DEL of two plugins on one node: one at a time in the order A B, B A, A B …, in series
 * without a pause, and in storms. Pods are bound in the API before their ADD, as they are in a
 * cluster.
 *
 * <p>Each plugin has network namespaces of its own, made before and used again in every round.
 */
final class CniBench {
  /** Long enough for a link's removal to be over (24 ms), whoever left it for later. */
  private static final Duration PAUSE = Duration.ofMillis(40);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final BenchCluster cluster;
  private final BenchNode node;
  private final Stopwatch stopwatch;
  private final List<Plugin> plugins;
  private final Path namespaces;
  private int rounds;

  CniBench(
      BenchCluster cluster,
      BenchNode node,
      Stopwatch stopwatch,
      List<Plugin> plugins,
      Path namespaces) {
    this.cluster = cluster;
    this.node = node;
    this.stopwatch = stopwatch;
    this.plugins = List.copyOf(plugins);
    this.namespaces = namespaces;
    for (int plugin = 0; plugin < plugins.size(); plugin++) {
      for (int pod = 0; pod < BenchOptions.FULL_NODE; pod++) {
        NetworkNamespace.create(netns(plugin, pod)).close();
      }
    }
  }

  private Path netns(int plugin, int pod) {
    return namespaces.resolve("pod-" + plugin + "-" + pod);
  }

  List<Plugin> plugins() {
    return plugins;
  }

  /** Times by the plugin's name, in nanoseconds. */
  record Latencies(Map<String, List<Long>> add, Map<String, List<Long>> delete) {
    static Latencies none() {
      return new Latencies(new TreeMap<>(), new TreeMap<>());
    }

    Samples adds(Plugin plugin) {
      return new Samples(add.getOrDefault(plugin.name(), List.of()));
    }

    Samples deletes(Plugin plugin) {
      return new Samples(delete.getOrDefault(plugin.name(), List.of()));
    }
  }

  /** One round of {@code pods} pods with each plugin; times are added to {@code latencies}. */
  void round(int pods, Latencies latencies) throws IOException, InterruptedException {
    List<List<Sandbox>> sandboxes = bind(pods);
    List<List<Invocation>> adds = new ArrayList<>();
    List<List<Invocation>> deletes = new ArrayList<>();
    List<String> order = new ArrayList<>();
    for (int pod = 0; pod < pods; pod++) {
      for (int turn = 0; turn < plugins.size(); turn++) {
        int plugin = (turn + pod) % plugins.size();
        order.add(plugins.get(plugin).name());
        Sandbox sandbox = sandboxes.get(plugin).get(pod);
        adds.add(List.of(plugins.get(plugin).add(sandbox)));
        deletes.add(List.of(plugins.get(plugin).delete(sandbox)));
      }
    }
    collect(stopwatch.run(adds, PAUSE).each(), order, latencies.add());
    collect(stopwatch.run(deletes, PAUSE).each(), order, latencies.delete());
    unbind(sandboxes.getFirst());
  }

  /**
   * {@code pods} pods with each plugin, one after another without a pause: all of one plugin, then
   * all of the other.
   */
  void series(int pods, Latencies latencies) throws IOException, InterruptedException {
    for (int plugin = 0; plugin < plugins.size(); plugin++) {
      Plugin each = plugins.get(plugin);
      List<Sandbox> sandboxes = bind(pods).get(plugin);
      List<String> names = Collections.nCopies(pods, each.name());
      collect(
          stopwatch
              .run(sandboxes.stream().map(s -> List.of(each.add(s))).toList(), Duration.ZERO)
              .each(),
          names,
          latencies.add());
      TimeUnit.SECONDS.sleep(1); // the kernel announces new links for a while
      collect(
          stopwatch
              .run(sandboxes.stream().map(s -> List.of(each.delete(s))).toList(), Duration.ZERO)
              .each(),
          names,
          latencies.delete());
      unbind(sandboxes);
    }
  }

  private static void collect(List<Long> times, List<String> order, Map<String, List<Long>> into) {
    for (int i = 0; i < times.size(); i++) {
      into.computeIfAbsent(order.get(i), p -> new ArrayList<>()).add(times.get(i));
    }
  }

  /**
   * @param add from the first ADD's start to the last one's answer
   * @param delete the same of DEL
   * @param gone from the first DEL's start until the node has no link of these pods
   */
  record Storm(Duration add, Duration delete, Duration gone) {}

  /** Adds {@code pods} pods at once with one plugin, then deletes them at once. */
  Storm storm(int plugin, int pods) throws IOException, InterruptedException {
    List<Sandbox> sandboxes = bind(pods).get(plugin);
    Duration add = addAll(plugin, sandboxes);
    TimeUnit.SECONDS.sleep(1); // the kernel announces new links for a while
    Duration delete = all(sandboxes.stream().map(plugins.get(plugin)::delete).toList());
    long answered = System.nanoTime();
    while (node.podLinks() > 0) {
      if (System.nanoTime() - answered > TimeUnit.SECONDS.toNanos(60)) {
        throw new IOException("links of deleted pods are still there after a minute");
      }
      TimeUnit.MILLISECONDS.sleep(1);
    }
    Duration gone = delete.plusNanos(System.nanoTime() - answered);
    unbind(sandboxes);
    return new Storm(add, delete, gone);
  }

  /** Fills the node with pods of the first plugin, which stay, and publishes their addresses. */
  Duration fill(int pods) throws IOException, InterruptedException {
    List<Sandbox> sandboxes = bind(pods).getFirst();
    Duration time = addAll(0, sandboxes);
    for (int pod = 0; pod < pods; pod++) {
      Sandbox sandbox = sandboxes.get(pod);
      cluster.running(sandbox.pod(), pod, address(plugins.getFirst().answer(sandbox)));
    }
    return time;
  }

  private static IpAddress address(Path answer) throws IOException {
    String address =
        JSON.readTree(Files.readString(answer)).path("ips").path(0).path("address").asText();
    return Cidr.parse(address).network();
  }

  private Duration addAll(int plugin, List<Sandbox> sandboxes)
      throws IOException, InterruptedException {
    return all(sandboxes.stream().map(plugins.get(plugin)::add).toList());
  }

  private Duration all(List<Invocation> invocations) throws IOException, InterruptedException {
    return Duration.ofNanos(stopwatch.run(List.of(invocations), Duration.ZERO).groups().getFirst());
  }

  /** Pods bound to the node, with a sandbox for each plugin; the plugins' pods bear one name. */
  private List<List<Sandbox>> bind(int pods) throws InterruptedException {
    rounds++;
    List<List<Sandbox>> sandboxes = new ArrayList<>();
    plugins.forEach(plugin -> sandboxes.add(new ArrayList<>()));
    for (int pod = 0; pod < pods; pod++) {
      String name = "round-" + rounds + "-" + pod;
      String uid = cluster.createPod(name, pod, BenchCluster.NODE);
      for (int plugin = 0; plugin < plugins.size(); plugin++) {
        sandboxes
            .get(plugin)
            .add(
                new Sandbox(
                    containerId(plugin, pod),
                    netns(plugin, pod),
                    BenchCluster.namespace(pod),
                    name,
                    uid));
      }
    }
    // A pod is bound well before its sandbox is made: images, volumes, cgroups come first.
    TimeUnit.SECONDS.sleep(1);
    return sandboxes;
  }

  private String containerId(int plugin, int pod) {
    HexFormat hex = HexFormat.of();
    return "b" + hex.toHexDigits(rounds) + hex.toHexDigits((byte) plugin) + hex.toHexDigits(pod);
  }

  private void unbind(List<Sandbox> sandboxes) {
    for (int pod = 0; pod < sandboxes.size(); pod++) {
      cluster.deletePod(sandboxes.get(pod).pod(), pod);
    }
  }
}
