package io.portolan.node.agent;

import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.route.LinkChange;
import io.portolan.linux.route.LinkRef;
import io.portolan.linux.route.RouteSocket;
import io.portolan.sim.kube.ApiOptions;
import io.portolan.sim.kube.KubeApiServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * One node in a network namespace of its own: a simulated API server that listens inside it, the
 * real agent as a process, and containers as further namespaces, driven through the real shim.
 */
final class TestNode implements AutoCloseable {
  private static final Path ROOT = Path.of(System.getProperty("portolan.root"));
  private static final Path SHIM = ROOT.resolve("node-agent/target/portolan-cni");
  static final String NETWORK = "portolan";
  static final String NODE = "node-1";

  private final Path directory;
  private final String namespaceName;
  private final Path namespacePath;
  private final NetworkNamespace namespace;
  private final KubeApiServer kube;
  private final int port;
  private final Map<String, Path> containers = new TreeMap<>();
  private List<String> options;
  private final String mounts;
  private Process agent;

  /** What the shim printed and returned. */
  record Ran(int exitCode, String output) {
    boolean ok() {
      return exitCode == 0;
    }
  }

  TestNode(Path directory, List<String> options) throws Exception {
    this(directory, options, "");
  }

  /**
   * @param mounts shell command for the agent's own mount namespace; empty: it has none
   */
  TestNode(Path directory, List<String> options, String mounts) throws Exception {
    this.directory = directory;
    this.mounts = mounts;
    this.options = options;
    namespaceName =
        "ptl-it-"
            + ProcessHandle.current().pid()
            + "-"
            + Long.toHexString(System.nanoTime() & 0xffffff);
    namespacePath = Path.of("/run/netns", namespaceName);
    namespace = NetworkNamespace.create(namespacePath);
    try (RouteSocket socket = RouteSocket.openIn(namespace)) {
      socket.change(LinkRef.named("lo"), LinkChange.UP);
    }
    kube = KubeApiServer.start(ApiOptions.DEFAULT);
    InetSocketAddress bound =
        namespace.call(() -> kube.listen(new InetSocketAddress("127.0.0.1", 0)));
    port = bound.getPort();
    try (var crds = Files.list(ROOT.resolve("deploy/crds"))) {
      for (Path crd : crds.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
        kube.objects().create(Files.readString(crd));
      }
    }
    kube.objects()
        .create(
            """
            apiVersion: portolan.io/v1alpha1
            kind: NodeNetwork
            metadata: {name: node-1}
            spec: {provider: aws}
            """);
    agent = launch();
  }

  KubeApiServer kube() {
    return kube;
  }

  /** Publishes a supply of one primary interface with these addresses. */
  void supply(long revision, List<String> addresses, List<String> extra) {
    String list = String.join("\",\"", addresses);
    kube.objects()
        .mergeStatus(
            "nodenetworks.portolan.io",
            "",
            NODE,
            json(
                """
                {"supply":{"revision":%d,"vpcCidrs":["10.0.0.0/16"],"interfaces":[
                 {"id":"eni-1","mac":"02:00:00:00:00:01","deviceIndex":0,"networkCard":0,
                  "primaryAddress":"10.0.0.10","gateway":"10.0.0.1","addresses":["%s"]}]%s}}
                """
                    .formatted(revision, list, String.join("", extra))));
  }

  /** Publishes a supply of a primary and a secondary interface with these addresses. */
  void supplyOfTwo(long revision, List<String> primary, List<String> secondary) {
    kube.objects()
        .mergeStatus(
            "nodenetworks.portolan.io",
            "",
            NODE,
            json(
                """
                {"supply":{"revision":%d,"vpcCidrs":["10.0.0.0/16"],"interfaces":[
                 {"id":"eni-1","mac":"02:00:00:00:00:01","deviceIndex":0,"networkCard":0,
                  "primaryAddress":"10.0.0.10","gateway":"10.0.0.1","addresses":["%s"]},
                 {"id":"eni-2","mac":"02:00:00:00:00:02","deviceIndex":1,"networkCard":0,
                  "primaryAddress":"10.0.0.20","gateway":"10.0.0.1","addresses":["%s"]}]}}
                """
                    .formatted(
                        revision, String.join("\",\"", primary), String.join("\",\"", secondary))));
  }

  /** Waits until the agent has addresses to give. */
  void awaitSupply() throws Exception {
    Instant deadline = Instant.now().plusSeconds(60);
    while (!cni("STATUS", "x").ok()) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError("no supply reached the agent:\n" + log());
      }
    }
  }

  static com.fasterxml.jackson.databind.JsonNode json(String text) {
    try {
      return new com.fasterxml.jackson.databind.ObjectMapper().readTree(text);
    } catch (IOException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  private Process launch() throws IOException {
    List<String> command = new ArrayList<>(ownMounts());
    command.addAll(
        List.of(
            "nsenter",
            "--net=" + namespacePath,
            Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    for (String line : Files.readAllLines(ROOT.resolve("node-agent/src/main/dist/jvm.options"))) {
      if (!line.isBlank() && !line.startsWith("#")) {
        command.add(line.strip());
      }
    }
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            "io.portolan.node.NodeAgentMain",
            "--node-name",
            NODE,
            "--api-server",
            "http://127.0.0.1:" + port,
            "--run-dir",
            directory.resolve("run").toString(),
            "--state-dir",
            directory.resolve("state").toString(),
            "--metrics-address",
            "127.0.0.1:9180",
            "--log-format",
            "TEXT"));
    command.addAll(options);
    Instant begin = Instant.now();
    Process started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(directory.resolve("agent.log").toFile()))
            .start();
    Path socket = socket();
    Instant deadline = begin.plusSeconds(120);
    while (!isServing(socket)) {
      if (!started.isAlive() || Instant.now().isAfter(deadline)) {
        throw new IllegalStateException("the agent did not start:\n" + log());
      }
      Thread.onSpinWait();
      java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
    }
    lastStart = Duration.between(begin, Instant.now());
    return started;
  }

  /** What to run before the agent so that it has mounts which it alone sees. */
  private List<String> ownMounts() throws IOException {
    if (mounts.isEmpty()) {
      return List.of();
    }
    Files.createDirectories(directory.resolve("state"));
    return List.of(
        "unshare",
        "--mount",
        "--propagation",
        "private",
        "sh",
        "-c",
        mounts + " && exec \"$@\"",
        "sh");
  }

  /** The agent's state directory, also where it is a disk that the agent alone sees. */
  Path state() {
    return Path.of("/proc/" + agent.pid() + "/root" + directory.resolve("state").toAbsolutePath());
  }

  private Duration lastStart = Duration.ZERO;

  /** How long the agent took from its launch until it served. */
  Duration lastStart() {
    return lastStart;
  }

  private static boolean isServing(Path socket) {
    try (var channel =
        java.nio.channels.SocketChannel.open(java.net.UnixDomainSocketAddress.of(socket))) {
      return channel.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  Path socket() {
    return directory.resolve("run/cni.sock");
  }

  String log() throws IOException {
    return Files.readString(directory.resolve("agent.log"));
  }

  /** As SIGKILL at any moment. */
  void killAgent() throws InterruptedException {
    agent.destroyForcibly();
    agent.waitFor(60, TimeUnit.SECONDS);
  }

  /** As the kubelet stops it. */
  void stopAgent() throws InterruptedException {
    agent.destroy();
    if (!agent.waitFor(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the agent does not end");
    }
  }

  void startAgent() throws IOException {
    agent = launch();
  }

  /** Starts it with other options from now on. */
  void startAgent(List<String> with) throws IOException {
    options = with;
    startAgent();
  }

  /** Resident memory of the agent, KiB. */
  long rssKib() throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(agent.pid()), "status")).stream()
        .filter(l -> l.startsWith("VmRSS"))
        .mapToLong(l -> Long.parseLong(l.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElse(0);
  }

  /** Makes a container's namespace; its path. */
  Path container(String id) {
    Path path = Path.of("/run/netns", namespaceName + "-" + id);
    NetworkNamespace.create(path).close();
    containers.put(id, path);
    return path;
  }

  void removeContainer(String id) {
    Path path = containers.remove(id);
    if (path != null) {
      NetworkNamespace.delete(path);
    }
  }

  /** The node's own network namespace. */
  Path ownNamespace() {
    return namespacePath;
  }

  /** Name of a container's namespace, for {@code ip}. */
  String namespaceOf(String id) {
    return namespaceName + "-" + id;
  }

  /** A command line that runs in the node's namespace. */
  List<String> enter(String program) {
    return List.of("nsenter", "--net=" + namespacePath, program);
  }

  /** ADD of the pod {@code pod-ID} with a UID the API server gave. */
  Ran addPod(String id, String uid) throws Exception {
    return addPod(id, "eth0", uid);
  }

  /** As {@link #addPod(String, String)}, with an interface of this name in the container. */
  Ran addPod(String id, String ifName, String uid) throws Exception {
    return cni("ADD", id, ifName, uid, "");
  }

  /** Makes a pod of this node in the API; its UID. */
  String apiPod(String id, String labels) {
    return kube.objects()
        .create(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: pod-%s, namespace: default, labels: {%s}}
            spec: {nodeName: node-1, containers: [{name: c, image: i}]}
            """
                .formatted(id, labels))
        .getFirst()
        .path("metadata")
        .path("uid")
        .asText();
  }

  Ran cni(String command, String id, String ifName, String extraConfig) throws Exception {
    return cni(command, id, ifName, "uid-" + id, extraConfig);
  }

  private Ran cni(String command, String id, String ifName, String uid, String extraConfig)
      throws Exception {
    Path netns = containers.getOrDefault(id, Path.of("/run/netns/none"));
    return run(
        Map.of(
            "CNI_COMMAND",
            command,
            "CNI_CONTAINERID",
            id,
            "CNI_NETNS",
            netns.toString(),
            "CNI_IFNAME",
            ifName,
            "CNI_PATH",
            "/opt/cni/bin",
            "CNI_ARGS",
            "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=pod-"
                + id
                + ";K8S_POD_UID="
                + uid),
        "{\"cniVersion\":\"1.1.0\",\"name\":\"" + NETWORK + "\"" + extraConfig + "}");
  }

  Ran cni(String command, String id) throws Exception {
    return cni(command, id, "eth0", "");
  }

  Ran run(Map<String, String> environment, String input) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(SHIM.toString()).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().clear();
    builder.environment().put("PORTOLAN_CNI_SOCKET", socket().toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor(60, TimeUnit.SECONDS);
    return new Ran(process.exitValue(), output);
  }

  /** The text a program prints in the node's namespace. */
  String inNode(String... command) throws Exception {
    return shell(namespacePath, command);
  }

  /** The text a program prints in a container's namespace. */
  String inContainer(String id, String... command) throws Exception {
    Path path = containers.get(id);
    if (path == null) {
      throw new IllegalArgumentException("no container " + id);
    }
    return shell(path, command);
  }

  private static String shell(Path namespace, String... command) throws Exception {
    List<String> line = new ArrayList<>(List.of("nsenter", "--net=" + namespace));
    line.addAll(List.of(command));
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor(30, TimeUnit.SECONDS);
    return output;
  }

  @Override
  public void close() throws Exception {
    killAgent();
    kube.close();
    for (String id : List.copyOf(containers.keySet())) {
      removeContainer(id);
    }
    namespace.close();
    NetworkNamespace.delete(namespacePath);
  }
}
