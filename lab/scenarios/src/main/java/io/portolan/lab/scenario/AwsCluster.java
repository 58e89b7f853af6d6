package io.portolan.lab.scenario;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.lab.cluster.Kubelet;
import io.portolan.lab.cluster.LabNode;
import io.portolan.lab.cluster.Program;
import io.portolan.lab.cluster.Software;
import io.portolan.lab.control.LabDirectory;
import io.portolan.lab.fabric.CloudPorts;
import io.portolan.lab.fabric.Fabric;
import io.portolan.lab.probe.Greeter;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.route.LinkChange;
import io.portolan.linux.route.LinkRef;
import io.portolan.linux.route.RouteSocket;
import io.portolan.sim.ec2.Ec2World;
import io.portolan.sim.kube.ApiOptions;
import io.portolan.sim.kube.KubeApiServer;
import io.portolan.sim.time.RealTime;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A cluster on a simulated EC2: the cloud's API and metadata service, a Kubernetes API, the fabric,
 * nodes with their agents, and the controller.
 *
 * <pre>
 *   the lab's namespace      fabric                        node-1 ... node-n
 *   EC2 API   127.0.0.1      gateways of the subnets       ens5, ens6 ... = its ENIs
 *   Kube API  127.0.0.1      192.0.2.10 Kube API           agent, host ends of pods
 *   controller               169.254.169.254 metadata      (pods: a namespace each)
 *                            igw0 -- world, 198.51.100.10
 * </pre>
 */
final class AwsCluster implements AutoCloseable {
  static final Cidr WORLD = Cidr.parse("198.51.100.0/24");
  static final IpAddress WORLD_HOST = WORLD.address(10);
  static final int WORLD_PORT = 80;
  static final String WORLD_NAME = "world";

  private static final IpAddress KUBE_API = IpAddress.parse("192.0.2.10");
  private static final IpAddress METADATA = IpAddress.parse("169.254.169.254");
  private static final int KUBE_PORT = 6443;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final LabDirectory directory;
  private final Software software;
  private final List<String> controllerOptions;
  private final RealTime time = new RealTime();
  private final AwsAccount account;
  private final AwsEndpoints endpoints;
  private final KubeApiServer kube;
  private final Fabric fabric;
  private final NetworkNamespace outside;
  private final Greeter greeter = new Greeter();
  private final Kubelet kubelet;
  private final Map<String, LabNode> nodes = new LinkedHashMap<>();
  private @Nullable Program controller;

  /**
   * Brings up everything but nodes and controller.
   *
   * @param controllerOptions further options of the controller
   */
  AwsCluster(LabDirectory directory, Software software, long seed, List<String> controllerOptions)
      throws IOException {
    this.controllerOptions = List.copyOf(controllerOptions);
    this.directory = directory;
    this.software = software;
    Files.createDirectories(directory.resolve("netns"));
    try (RouteSocket own = RouteSocket.open()) {
      own.change(LinkRef.named("lo"), LinkChange.UP);
    }
    account = AwsAccount.create(seed, time);
    kube = KubeApiServer.start(ApiOptions.DEFAULT.withSeed(seed));
    fabric = Fabric.start(NetworkNamespace.create(directory.resolve("netns/fabric")));
    fabric.serveAt(KUBE_API);
    fabric.serveAt(METADATA);
    fabric
        .namespace()
        .<InetSocketAddress, IOException>call(
            () -> kube.listen(new InetSocketAddress(KUBE_API.toInetAddress(), KUBE_PORT)));
    endpoints = AwsEndpoints.start(account.world(), fabric.namespace(), METADATA);
    outside = NetworkNamespace.create(directory.resolve("netns/" + WORLD_NAME));
    fabric.connectWorld(outside, WORLD, AwsAccount.VPC);
    ServerSocketChannel listener =
        outside.<ServerSocketChannel, IOException>call(
            () -> ServerSocketChannel.open().bind(new InetSocketAddress(WORLD_PORT)));
    greeter.serve(WORLD_NAME, listener);
    kubelet = new Kubelet(kube.objects(), greeter, software.cniShim(), directory.resolve("netns"));
    for (Path crd : software.customResourceDefinitions()) {
      kube.objects().create(Files.readString(crd));
    }
    account.world().subscribe(view -> fabric.follow(CloudPorts.of(view)));
  }

  /** Adds a machine with its agent and its Node object. */
  LabNode addNode(String name, String type, String subnet) throws IOException {
    AwsAccount.Machine machine = account.runInstance(name, type, subnet);
    NetworkNamespace namespace = NetworkNamespace.create(directory.resolve("netns/" + name));
    fabric.addMachine(machine.instanceId(), namespace);
    fabric.publish(machine.address());
    MachineBoot.configurePrimary(namespace, machine);
    Path home = directory.resolve(name);
    Files.createDirectories(home);
    Path kubeconfig =
        kubeconfig(home.resolve("kubeconfig"), "http://" + KUBE_API + ":" + KUBE_PORT);
    LabNode node =
        new LabNode(
            name,
            machine.instanceId(),
            machine.address(),
            namespace,
            home,
            software.nodeAgent(agentArguments(name, home, kubeconfig)));
    kube.objects().create(nodeObject(name, machine));
    ObjectNode status = JSON.createObjectNode();
    status
        .putArray("addresses")
        .addObject()
        .put("type", "InternalIP")
        .put("address", machine.address().toString());
    kube.objects().mergeStatus("nodes", "", name, status);
    kubelet.register(node);
    nodes.put(name, node);
    node.startAgent();
    return node;
  }

  /**
   * Pulls the plug of a machine: its processes die, the cloud takes it away, its Node object goes.
   */
  void removeNode(String name) {
    LabNode node = node(name);
    node.close();
    account.terminate(node.instanceId());
    kube.objects().delete("nodes", "", name);
    nodes.remove(name);
  }

  private static List<String> agentArguments(String name, Path home, Path kubeconfig) {
    return List.of(
        "--node-name",
        name,
        "--kubeconfig",
        kubeconfig.toString(),
        "--cni-socket",
        LabNode.cniSocket(home).toString(),
        "--state-dir",
        home.resolve("state").toString(),
        "--run-dir",
        home.resolve("run").toString(),
        "--metrics-address",
        "127.0.0.1:9180");
  }

  private static ObjectNode nodeObject(String name, AwsAccount.Machine machine) {
    ObjectNode node = JSON.createObjectNode().put("apiVersion", "v1").put("kind", "Node");
    node.putObject("metadata")
        .put("name", name)
        .putObject("labels")
        .put("kubernetes.io/hostname", name)
        .put("topology.kubernetes.io/zone", machine.zone())
        .put("node.kubernetes.io/instance-type", machine.type());
    node.putObject("spec")
        .put("providerID", "aws:///" + machine.zone() + "/" + machine.instanceId());
    return node;
  }

  /** Starts the controller, or starts it again after it has died. */
  Program startController() throws IOException {
    Path kubeconfig = kubeconfig(directory.resolve("controller.kubeconfig"), kube.url().toString());
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--cluster-name",
                "lab",
                "--region",
                AwsAccount.REGION,
                "--ec2-endpoint",
                endpoints.ec2().toString(),
                "--kubeconfig",
                kubeconfig.toString(),
                "--metrics-address",
                "127.0.0.1:9181"));
    arguments.addAll(controllerOptions);
    Program started =
        Program.start(
            "aws-vpc controller",
            NetworkNamespace.current(),
            software.awsController(arguments),
            Map.of("AWS_ACCESS_KEY_ID", "lab", "AWS_SECRET_ACCESS_KEY", "lab"),
            directory.resolve("controller.log"));
    controller = started;
    return started;
  }

  /** Waits until every agent listens: it does when it can answer. */
  void awaitAgents() throws InterruptedException {
    for (LabNode node : nodes.values()) {
      while (!Files.exists(LabNode.cniSocket(node.directory()))) {
        requireAlive(node.agent());
        requireAlive(controller);
        Thread.sleep(20);
      }
    }
  }

  private static void requireAlive(@Nullable Program program) {
    if (program != null && !program.alive()) {
      throw new IllegalStateException(program.name() + " ended:\n" + program.lastWords(20));
    }
  }

  /** Kills the controller as {@code kill -9} does. */
  void killController() {
    if (controller != null) {
      controller.kill();
    }
  }

  private static Path kubeconfig(Path file, String server) throws IOException {
    return Files.writeString(
        file,
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: lab, cluster: {server: "%s"}}]
        contexts: [{name: lab, context: {cluster: lab, user: lab}}]
        users: [{name: lab, user: {token: lab}}]
        current-context: lab
        """
            .formatted(server));
  }

  Ec2World world() {
    return account.world();
  }

  KubeApiServer kube() {
    return kube;
  }

  Kubelet kubelet() {
    return kubelet;
  }

  NetworkNamespace fabric() {
    return fabric.namespace();
  }

  NetworkNamespace outside() {
    return outside;
  }

  LabDirectory directory() {
    return directory;
  }

  @Nullable Program controller() {
    return controller;
  }

  Collection<LabNode> nodes() {
    return nodes.values();
  }

  LabNode node(String name) {
    LabNode node = nodes.get(name);
    if (node == null) {
      throw new IllegalArgumentException("there is no node " + name);
    }
    return node;
  }

  @Override
  public void close() throws IOException {
    if (controller != null) {
      controller.stop(Duration.ofSeconds(2));
    }
    nodes.values().forEach(LabNode::close);
    endpoints.close();
    kube.close();
    greeter.close();
    fabric.close();
    outside.close();
    time.close();
    try (Stream<Path> mounts = Files.list(directory.resolve("netns"))) {
      mounts.forEach(NetworkNamespace::delete);
    }
  }
}
