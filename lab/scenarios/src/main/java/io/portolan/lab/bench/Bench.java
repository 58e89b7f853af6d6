package io.portolan.lab.bench;

import io.portolan.lab.cluster.Program;
import io.portolan.lab.cluster.Software;
import io.portolan.lab.control.LabDirectory;
import io.portolan.lab.scenario.Progress;
import io.portolan.linux.route.LinkChange;
import io.portolan.linux.route.LinkRef;
import io.portolan.linux.route.RouteSocket;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Benchmarks, one after another, and the page of their figures. */
public final class Bench {
  private static final int WARM_UP = 20;

  /** Of the cluster whose policies change. */
  private static final int CLUSTER_PODS = 50_000;

  private static final List<Integer> POLICIES = List.of(100, 1_000, 10_000);

  private final BenchOptions options;
  private final Progress progress;
  private final Software software;
  private final Map<String, String> parts = new TreeMap<>();

  private Bench(BenchOptions options, Progress progress, Software software) {
    this.options = options;
    this.progress = progress;
    this.software = software;
  }

  /**
   * Runs what is asked for and writes the page, or those of its sections.
   *
   * @throws IOException if something cannot be measured; nothing is written then
   * @throws IllegalStateException if benchmarks are running already
   */
  public static void run(BenchOptions options, Progress progress, Instant now)
      throws IOException, InterruptedException {
    new Bench(options, progress, Software.current()).run(now);
  }

  private void run(Instant now) throws IOException, InterruptedException {
    OtherPrograms others = new OtherPrograms(software.home());
    others.requireBuilt(options.parts());
    Machine machine = Machine.read(now);
    for (BenchPart part : new TreeSet<>(options.parts())) {
      switch (part) {
        case NODE -> measureNode();
        case CLOUD -> {
          progress.step("EC2 calls of a scale-out, in virtual time");
          parts.put("cloud-calls", others.cloudCalls(options.cloudNodes()));
        }
        case NFTABLES -> {
          progress.step("nftables transactions");
          parts.put("nftables", others.nftables());
        }
        case POLICY -> measurePolicy(others);
        case CUTS -> parts.put("cuts", new PacketBench(software, progress).cuts());
        case HOSTILE ->
            parts.put("hostile-starts", new PacketBench(software, progress).hostileStarts());
      }
    }
    String note = machine.text(Machine.loadAverage(), progress.seconds() / 60);
    Files.writeString(options.page(), page(note));
    progress.step("written: " + options.page());
  }

  private String page(String note) throws IOException {
    if (!options.isAll()) {
      return BenchmarkPage.update(
          Files.exists(options.page()) ? Files.readString(options.page()) : "",
          template(),
          parts,
          "A run of its own: " + note);
    }
    parts.put("machine", note);
    return BenchmarkPage.render(template(), parts);
  }

  private void measurePolicy(OtherPrograms others) throws IOException, InterruptedException {
    StringBuilder rows = new StringBuilder();
    for (int policies : POLICIES) {
      progress.step(
          "policy changes among %,d policies and %,d pods".formatted(policies, CLUSTER_PODS));
      rows.append(others.policyChanges(policies, CLUSTER_PODS));
    }
    parts.put("policy-changes", rows.toString());
    progress.step("connections among up to 10,000 policies");
    parts.put("connections", others.connections());
  }

  private void measureNode() throws IOException, InterruptedException {
    LabDirectory.sweep(LabDirectory.root());
    try (LabDirectory directory =
        LabDirectory.claim(LabDirectory.root(), "bench")
            .orElseThrow(() -> new IllegalStateException("benchmarks are running already"))) {
      try (RouteSocket own = RouteSocket.open()) {
        own.change(LinkRef.named("lo"), LinkChange.UP);
      }
      try (BenchCluster cluster = new BenchCluster(software.customResourceDefinitions());
          BenchNode node = new BenchNode(directory, cluster, software.cniShim())) {
        measureNode(directory, cluster, node);
      }
    }
  }

  private void measureNode(LabDirectory directory, BenchCluster cluster, BenchNode node)
      throws IOException, InterruptedException {
    AgentBench agents = new AgentBench(node, commands(node));
    progress.step("starts on a new machine");
    AgentBench.Starts fresh = agents.starts(options.starts(), true);
    node.wipe();
    List<Program> started = new ArrayList<>();
    Map<String, AgentBench.Memory> memory = new LinkedHashMap<>();
    try {
      node.startTimed(software.nodeAgent(node.arguments()), started);
      CniBench cni =
          new CniBench(
              cluster,
              node,
              new Stopwatch(software.cniStopwatch(), node.namespace()),
              List.of(
                  Plugin.portolan(
                      software.cniShim(), node.cniSocket(), directory.resolve("portolan")),
                  Plugin.standard(directory.resolve("standard"))),
              node.namespaces());
      measureCni(cni);
      progress.step("memory with a full node");
      cni.fill(BenchOptions.FULL_NODE);
      memory.put(
          "110 pods on the node, after all of the above", AgentBench.memory(started.getFirst()));
    } finally {
      started.forEach(Program::kill);
    }
    progress.step("restarts on a full node");
    AgentBench.Starts full = agents.starts(options.starts(), false);
    agents
        .memoryAfterRestart()
        .forEach((command, use) -> memory.put("110 pods, restarted, " + command, use));
    parts.put("starts", BenchTables.starts(fresh, full));
    parts.put("memory", BenchTables.memory(memory));
  }

  private void measureCni(CniBench cni) throws IOException, InterruptedException {
    progress.step("CNI: warming up");
    cni.round(Math.min(WARM_UP, options.pods()), CniBench.Latencies.none());
    CniBench.Latencies latencies = CniBench.Latencies.none();
    CniBench.Latencies series = CniBench.Latencies.none();
    Map<String, List<CniBench.Storm>> storms = new LinkedHashMap<>();
    List<Plugin> plugins = cni.plugins();
    for (int round = 0; round < options.rounds(); round++) {
      progress.step("CNI: round " + (round + 1) + " of " + options.rounds());
      cni.round(options.pods(), latencies);
      cni.series(options.pods(), series);
      for (int plugin = 0; plugin < plugins.size(); plugin++) {
        storms
            .computeIfAbsent(plugins.get(plugin).name(), name -> new ArrayList<>())
            .add(cni.storm(plugin, BenchOptions.FULL_NODE));
      }
    }
    Plugin ours = plugins.getFirst();
    Plugin peer = plugins.getLast();
    parts.put("latencies", latencies(latencies, ours, peer));
    parts.put("series", latencies(series, ours, peer));
    parts.put("storms", BenchTables.storms(BenchOptions.FULL_NODE, storms));
  }

  private static String latencies(CniBench.Latencies measured, Plugin ours, Plugin peer) {
    return BenchTables.latencies(
        measured.adds(ours),
        measured.deletes(ours),
        measured.adds(peer),
        measured.deletes(peer),
        ours.name(),
        peer.name());
  }

  private Map<String, List<String>> commands(BenchNode node) throws IOException {
    List<String> asBuilt = software.nodeAgent(node.arguments());
    Map<String, List<String>> commands = new LinkedHashMap<>();
    commands.put("as built", asBuilt);
    commands.put("without its AOT cache", withoutAotCache(asBuilt));
    return commands;
  }

  private static List<String> withoutAotCache(List<String> command) {
    return command.stream()
        .map(option -> option.equals("-XX:AOTMode=auto") ? "-XX:AOTMode=off" : option)
        .filter(option -> !option.startsWith("-XX:AOTCache="))
        .toList();
  }

  private static String template() throws IOException {
    try (InputStream in = Bench.class.getResourceAsStream("benchmarks.md")) {
      if (in == null) {
        throw new IOException("the page's template benchmarks.md is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The page's place in a source tree. */
  public static Path page() {
    return Software.current().home().resolve("docs/benchmarks.md");
  }
}
