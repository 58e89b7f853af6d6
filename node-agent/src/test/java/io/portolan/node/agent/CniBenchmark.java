package io.portolan.node.agent;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * ADD and DEL through the real shim and agent, beside the standard {@code ptp} and {@code
 * host-local} plugins, turn about in one run, in namespaces of one machine. Prints a table; needs
 * root. Arguments: rounds (default 100), {@code on} for policy.
 */
public final class CniBenchmark {
  private static final int POD_COUNT = 110;

  private final TestNode node;
  private final Path plugins;
  private final Path peerState;
  private final boolean policy;

  private CniBenchmark(TestNode node, Path plugins, Path peerState, boolean policy) {
    this.node = node;
    this.plugins = plugins;
    this.peerState = peerState;
    this.policy = policy;
  }

  /** Runs it. */
  public static void main(String[] arguments) throws Exception {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100;
    boolean policy = arguments.length > 1 && arguments[1].equals("on");
    Path plugins =
        List.of(Path.of("/usr/lib/cni"), Path.of("/opt/cni/bin")).stream()
            .filter(p -> Files.isExecutable(p.resolve("ptp")))
            .findFirst()
            .orElseThrow(
                () -> new IllegalStateException("install containernetworking-plugins first"));
    Path directory = Files.createTempDirectory("portolan-bench");
    try (TestNode node =
        new TestNode(
            directory,
            List.of("--cooldown", "0", "--log-level", "WARN", "--policy", policy ? "on" : "off"))) {
      new CniBenchmark(node, plugins, directory.resolve("host-local"), policy).run(rounds);
    }
  }

  private void run(int rounds) throws Exception {
    System.out.printf("ready after %d ms%n", node.lastStart().toMillis());
    node.supply(1, IntStream.range(0, 250).mapToObj(i -> "10.0.1." + (i + 1)).toList(), List.of());
    while (!node.cni("STATUS", "x").ok()) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    int all = Math.max(rounds, POD_COUNT);
    String[] uids = new String[all];
    for (int i = 0; i < all; i++) {
      node.container("o" + i);
      node.container("p" + i);
      uids[i] = policy ? pod("o" + i) : "uid-" + i;
    }
    for (int i = 0; i < 20; i++) {
      require(ours("ADD", i, uids[i]));
      require(ours("DEL", i, uids[i]));
    }
    double[][] times = new double[5][rounds];
    for (int i = 0; i < rounds; i++) {
      int each = i;
      // What starting any program costs here: the shim, which answers VERSION without an agent.
      times[4][i] =
          time(() ->
              require(
                  node.run(
                      Map.of("CNI_COMMAND", "VERSION", "PORTOLAN_CNI_SOCKET", "/nowhere"), "{}")));
      times[0][i] = time(() -> require(ours("ADD", each, uids[each])));
      times[1][i] = time(() -> require(peer("ADD", each)));
      times[2][i] = time(() -> require(ours("DEL", each, uids[each])));
      times[3][i] = time(() -> require(peer("DEL", each)));
    }
    print("starting a program, doing nothing", times[4]);
    print("portolan ADD", times[0]);
    print("ptp+host-local ADD", times[1]);
    print("portolan DEL", times[2]);
    print("ptp+host-local DEL", times[3]);
    atOnce("portolan, 110 ADD at once", i -> ours("ADD", i, uids[i]));
    System.out.printf("agent RSS with 110 pods: %.1f MiB%n", node.rssKib() / 1024.0);
    atOnce("portolan, 110 DEL at once", i -> ours("DEL", i, uids[i]));
    atOnce("ptp+host-local, 110 ADD at once", i -> peer("ADD", i));
    atOnce("ptp+host-local, 110 DEL at once", i -> peer("DEL", i));
  }

  private String pod(String id) {
    return node.kube()
        .objects()
        .create(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: pod-%s, namespace: default, labels: {app: a}}
            spec: {nodeName: node-1, containers: [{name: c, image: i}]}
            """
                .formatted(id))
        .getFirst()
        .path("metadata")
        .path("uid")
        .asText();
  }

  private TestNode.Ran ours(String command, int i, String uid) throws Exception {
    return command.equals("ADD") ? node.addPod("o" + i, uid) : node.cni(command, "o" + i);
  }

  private TestNode.Ran peer(String command, int i) throws Exception {
    String id = "p" + i;
    ProcessBuilder builder =
        new ProcessBuilder(node.enter(plugins.resolve("ptp").toString()))
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of(
                "CNI_COMMAND",
                command,
                "CNI_CONTAINERID",
                id,
                "CNI_NETNS",
                "/run/netns/" + node.namespaceOf(id),
                "CNI_IFNAME",
                "eth0",
                "CNI_PATH",
                plugins.toString(),
                "PATH",
                "/usr/sbin:/usr/bin:/sbin:/bin"));
    Process process = builder.start();
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(
          ("{\"cniVersion\":\"1.0.0\",\"name\":\"peer\",\"type\":\"ptp\",\"ipam\":{\"type\":\"host-local\","
               + "\"dataDir\":\""
                  + peerState
                  + "\",\"ranges\":[[{\"subnet\":\"10.9.0.0/16\"}]],\"routes\":[{\"dst\":\"0.0.0.0/0\"}]}}")
              .getBytes(StandardCharsets.UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new TestNode.Ran(process.waitFor(), output);
  }

  private static boolean require(TestNode.Ran ran) {
    if (!ran.ok()) {
      throw new IllegalStateException(ran.toString());
    }
    return true;
  }

  private static double time(Callable<Boolean> action) throws Exception {
    long begin = System.nanoTime();
    action.call();
    return (System.nanoTime() - begin) / 1e6;
  }

  private static void print(String what, double[] millis) {
    Arrays.sort(millis);
    System.out.printf(
        "%-34s n=%d p50=%.2f p90=%.2f p99=%.2f min=%.2f ms%n",
        what,
        millis.length,
        millis[millis.length / 2],
        millis[millis.length * 9 / 10],
        millis[millis.length * 99 / 100],
        millis[0]);
  }

  /** One numbered request. */
  private interface Numbered {
    TestNode.Ran run(int i) throws Exception;
  }

  private static void atOnce(String what, Numbered request) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Boolean>> calls = new ArrayList<>();
      for (int i = 0; i < POD_COUNT; i++) {
        int each = i;
        calls.add(() -> require(request.run(each)));
      }
      long begin = System.nanoTime();
      for (Future<Boolean> future : threads.invokeAll(calls)) {
        future.get();
      }
      double millis = (System.nanoTime() - begin) / 1e6;
      System.out.printf("%-32s %.0f ms, %.0f/s%n", what, millis, POD_COUNT * 1000 / millis);
    }
  }
}
