package io.portolan.aws;

import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.NodeNetworkRecord;
import io.portolan.common.kube.NodeNetworkRepository;
import io.portolan.common.net.IpAddress;
import io.portolan.sim.ec2.Ec2SimulatorServer;
import io.portolan.sim.ec2.VpcView;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.kube.ApiOptions;
import io.portolan.sim.kube.KubeApiServer;
import io.portolan.sim.time.RealTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An API server and an EC2 in this JVM, on loopback; the real controller as a process of its own;
 * model agents that read and write NodeNetworks over the wire.
 */
final class LiveCluster implements AutoCloseable {
  private static final Duration COOLDOWN = Duration.ofSeconds(1);

  final SimulatedAccount account;
  final KubeApiServer kube;
  final Path log;
  final int metricsPort = freePort();
  private final Ec2SimulatorServer ec2;
  private final KubeClient client;
  private final NodeNetworkRepository networks;
  private final SplittableRandom random;
  private final SortedMap<String, Node> nodes = new TreeMap<>();
  private @Nullable Process controller;

  /** A node and its model agent. */
  static final class Node {
    final String instance;
    final AgentModel agent;

    Node(String instance, AgentModel agent) {
      this.instance = instance;
      this.agent = agent;
    }
  }

  LiveCluster(long seed, String allocation) throws IOException {
    random = new SplittableRandom(seed);
    account = new SimulatedAccount(seed, new RealTime());
    ec2 =
        Ec2SimulatorServer.serve(
            account.world(), new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), true);
    kube = KubeApiServer.start(ApiOptions.DEFAULT);
    client = KubeClient.to(kube.url(), Optional.empty(), "model-agent");
    networks = new NodeNetworkRepository(client);
    log = Files.createTempFile("aws-vpc-controller", ".log");
    Path crds = Path.of(System.getProperty("portolan.root", ".."), "deploy", "crds");
    for (String crd : List.of("nodenetworks", "networkprofiles")) {
      kube.objects().create(Files.readString(crds.resolve(crd + ".portolan.io.yaml")));
    }
    kube.objects()
        .create(
            """
            apiVersion: portolan.io/v1alpha1
            kind: NetworkProfile
            metadata: {name: default}
            spec:
              ipam: AWS
              pool: {reserve: 2, releaseDelaySeconds: 3, cooldownSeconds: %d}
              aws: {allocation: %s}
            """
                .formatted(COOLDOWN.toSeconds(), allocation));
  }

  /** The controller's command line, with {@code more} options. */
  List<String> command(String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                AwsVpcMain.class.getName(),
                "--cluster-name=" + SimulatedAccount.CLUSTER,
                "--region=eu-central-1",
                "--api-server=" + kube.url(),
                "--metrics-address=127.0.0.1:" + metricsPort,
                "--resync=5",
                "--orphan-grace=10"));
    command.addAll(List.of(more));
    if (command.stream().noneMatch(option -> option.startsWith("--ec2-endpoint"))) {
      command.add("--ec2-endpoint=" + ec2.endpoint());
    }
    return command;
  }

  /** Runs the controller to its end and gives what it printed. */
  String run(String... more) throws IOException, InterruptedException {
    Process process = builder(more).redirectErrorStream(true).start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(1, TimeUnit.MINUTES)) {
        throw new AssertionError("the controller does not end: " + output);
      }
      return output;
    } finally {
      process.destroyForcibly();
    }
  }

  /** Starts the controller as the only one, without a lease. */
  void start(String... more) throws IOException {
    List<String> options = new ArrayList<>(List.of("--no-leader-election"));
    options.addAll(List.of(more));
    launch(options);
  }

  /** Starts the controller as one of several that may be. */
  void startElecting() throws IOException {
    launch(List.of());
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Events of nodes, as {@code Type Reason node}, one a line. */
  String events() {
    StringBuilder text = new StringBuilder();
    client
        .get("/api/v1/namespaces/default/events")
        .toOptional()
        .ifPresent(list ->
            list.path("items")
                .forEach(e ->
                    text.append(e.path("type").asText())
                        .append(' ')
                        .append(e.path("reason").asText())
                        .append(' ')
                        .append(e.path("involvedObject").path("name").asText())
                        .append('\n')));
    return text.toString();
  }

  /** Who holds the lease of the controllers, as it is stored; empty for nobody. */
  String leaseHolder() {
    return kube.objects()
        .get("leases.coordination.k8s.io", "kube-system", "portolan-aws-vpc")
        .map(lease -> lease.at("/spec/holderIdentity").asText())
        .orElse("");
  }

  private void launch(List<String> options) throws IOException {
    controller =
        builder(options.toArray(String[]::new))
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
  }

  private ProcessBuilder builder(String... more) {
    ProcessBuilder builder = new ProcessBuilder(command(more));
    builder.environment().put("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    builder.environment().put("AWS_SECRET_ACCESS_KEY", "example");
    return builder;
  }

  boolean alive() {
    return controller != null && controller.isAlive();
  }

  /** As {@code kill -9} does. */
  void kill() throws InterruptedException {
    Objects.requireNonNull(controller).destroyForcibly().waitFor();
  }

  /** As {@code kill} does; gives the exit code. */
  int terminate() throws InterruptedException {
    Process process = Objects.requireNonNull(controller);
    process.destroy();
    return process.waitFor();
  }

  Node addNode(String name, String type, String subnet) {
    Node node = new Node(account.instance(type, subnet), new AgentModel(COOLDOWN, random));
    nodes.put(name, node);
    kube.objects()
        .create(
            """
            apiVersion: v1
            kind: Node
            metadata: {name: %s}
            spec: {providerID: "aws:///eu-central-1a/%s"}
            """
                .formatted(name, node.instance));
    return node;
  }

  void removeNode(String name) {
    Node gone = Objects.requireNonNull(nodes.remove(name));
    gone.agent.pods().forEach(pod -> kube.objects().deleteNow("pods", "default", pod));
    kube.objects().delete("nodes", "", name);
    account.terminate(gone.instance);
  }

  /** An interface of this cluster whose node is gone. */
  void leak(String subnet) {
    account
        .world()
        .run(
            "CreateNetworkInterface",
            "SubnetId",
            subnet,
            "TagSpecification.1.ResourceType",
            "network-interface",
            "TagSpecification.1.Tag.1.Key",
            "portolan.io/cluster",
            "TagSpecification.1.Tag.1.Value",
            SimulatedAccount.CLUSTER,
            "TagSpecification.1.Tag.2.Key",
            "portolan.io/node",
            "TagSpecification.1.Tag.2.Value",
            "long-gone");
  }

  /** Binds pods {@code p}<i>from</i> until before {@code p}<i>to</i>. */
  void bind(String node, int from, int to) {
    for (int i = from; i < to; i++) {
      bind(node, "p" + i);
    }
  }

  void bind(String node, String pod) {
    node(node).agent.bind(pod);
    kube.objects()
        .create(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: %s, namespace: default}
            spec: {nodeName: %s, containers: [{name: main, image: none}]}
            """
                .formatted(pod, node));
  }

  void unbind(String node, String pod) {
    node(node).agent.remove(pod, Instant.now());
    kube.objects().deleteNow("pods", "default", pod);
  }

  Optional<NodeNetworkStatus.Supply> supply(String node) {
    return networks
        .get(node)
        .toOptional()
        .flatMap(network -> Optional.ofNullable(network.status().supply()));
  }

  /** The controller's conditions of a node, as {@code Type=Status Reason: message}, one a line. */
  String conditions(String node) {
    StringBuilder text = new StringBuilder();
    networks
        .get(node)
        .toOptional()
        .map(NodeNetworkRecord::status)
        .map(NodeNetworkStatus::conditions)
        .ifPresent(all ->
            all.forEach(c ->
                text.append(c.type())
                    .append('=')
                    .append(c.status())
                    .append(' ')
                    .append(c.reason())
                    .append(": ")
                    .append(c.message())
                    .append('\n')));
    return text.toString();
  }

  /** Lets the agents work until {@code goal} holds, checking the laws all the while. */
  void await(String what, Duration most, BooleanSupplier goal)
      throws IOException, InterruptedException {
    Instant end = Instant.now().plus(most);
    while (!goal.getAsBoolean()) {
      if (Instant.now().isAfter(end)) {
        StringBuilder state = new StringBuilder();
        nodes.keySet().forEach(n -> state.append(n).append(": ").append(conditions(n)));
        throw new AssertionError(
            "not in " + most + ": " + what + "\n" + state + Files.readString(log));
      }
      work();
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  /** Lets the agents work for a while, checking the laws all the while. */
  void workFor(Duration time) throws InterruptedException {
    Instant end = Instant.now().plus(time);
    while (Instant.now().isBefore(end)) {
      work();
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  Node node(String name) {
    return Objects.requireNonNull(nodes.get(name), name);
  }

  /** One round of every agent. */
  private void work() {
    nodes.forEach((name, node) -> {
      supply(name).ifPresent(node.agent::see);
      List<NodeNetworkStatus.Release> before = node.agent.released();
      node.agent.act(Instant.now());
      if (!before.equals(node.agent.released())) {
        networks.applyUse(
            name, new NodeNetworkStatus.Use("model", node.agent.released(), 0, 0), List.of());
      }
    });
    check();
  }

  /** Against one view of the cloud, which changes beside us: two views need not fit together. */
  private void check() {
    Map<IpAddress, String> all = new HashMap<>();
    VpcView cloud = account.world().view();
    ResourceId vpc = ResourceId.parse(account.vpc()).orElseThrow();
    nodes.forEach((name, node) -> {
      ResourceId instance = ResourceId.parse(node.instance).orElseThrow();
      node.agent
          .inUse()
          .forEach((address, pod) -> {
            String other = all.put(address, pod);
            if (other != null) {
              throw new AssertionError(address + " is on " + pod + " and " + other);
            }
            Optional<NetworkInterface> owner = cloud.owner(vpc, address);
            if (owner.isEmpty() || !cloud.attachedTo(instance).contains(owner.get())) {
              throw new AssertionError(address + " of " + pod + " is not held by " + name);
            }
          });
    });
  }

  boolean everyPodHasAnAddress() {
    return nodes.values().stream().allMatch(node -> node.agent.waiting() == 0);
  }

  @Override
  public void close() throws IOException {
    if (controller != null) {
      controller.destroyForcibly();
    }
    client.close();
    ec2.close();
    kube.close();
    Files.deleteIfExists(log);
  }
}
