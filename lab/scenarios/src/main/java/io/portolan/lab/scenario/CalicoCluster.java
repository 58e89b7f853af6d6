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
import io.portolan.lab.fabric.PlainFabric;
import io.portolan.lab.probe.Greeter;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.route.LinkChange;
import io.portolan.linux.route.LinkRef;
import io.portolan.linux.route.RouteSocket;
import io.portolan.linux.sysctl.Sysctl;
import io.portolan.linux.sysctl.SysctlKey;
import io.portolan.sim.kube.ApiOptions;
import io.portolan.sim.kube.KubeApiServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A cluster on a network without a cloud: machines in two subnets, pods with addresses of Calico's
 * blocks.
 *
 * <pre>
 *   fabric                          node-1, node-2      192.168.1.0/24 on br-a
 *   192.0.2.10 Kube API             node-3, node-4      192.168.2.0/24 on br-b
 *   router of both subnets          world               198.51.100.0/24 on br-w
 * </pre>
 */
final class CalicoCluster implements AutoCloseable {
  static final Cidr POOL = Cidr.parse("10.244.0.0/16");
  static final IpAddress WORLD_HOST = IpAddress.parse("198.51.100.10");
  static final int WORLD_PORT = 80;
  static final String WORLD_NAME = "world";

  private static final Map<String, Cidr> SUBNETS =
      new TreeMap<>(
          Map.of(
              "a", Cidr.parse("192.168.1.0/24"),
              "b", Cidr.parse("192.168.2.0/24"),
              "w", Cidr.parse("198.51.100.0/24")));
  private static final IpAddress KUBE_API = IpAddress.parse("192.0.2.10");
  private static final int KUBE_PORT = 6443;
  private static final int BLOCK_LENGTH = 26;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final LabDirectory directory;
  private final boolean bgp;
  private final Software software;
  private final KubeApiServer kube;
  private final PlainFabric fabric;
  private final NetworkNamespace outside;
  private final Greeter greeter = new Greeter();
  private final Kubelet kubelet;
  private final Map<String, Member> members = new LinkedHashMap<>();
  private @Nullable Program router;

  /**
   * A node of the cluster.
   *
   * @param block whose addresses its pods have
   */
  record Member(LabNode node, String subnet, Cidr block, Arrivals arrivals) {}

  /**
   * Brings up everything but nodes.
   *
   * @param bgp whether nodes, and the router between the subnets, speak BGP
   */
  CalicoCluster(LabDirectory directory, Software software, long seed, boolean bgp)
      throws IOException {
    this.directory = directory;
    this.bgp = bgp;
    this.software = software;
    Files.createDirectories(directory.resolve("netns"));
    try (RouteSocket own = RouteSocket.open()) {
      own.change(LinkRef.named("lo"), LinkChange.UP);
    }
    kube = KubeApiServer.start(ApiOptions.DEFAULT.withSeed(seed));
    fabric = PlainFabric.start(NetworkNamespace.create(directory.resolve("netns/fabric")));
    SUBNETS.forEach(fabric::addSubnet);
    fabric.serveAt(KUBE_API);
    fabric
        .namespace()
        .<InetSocketAddress, IOException>call(
            () -> kube.listen(new InetSocketAddress(KUBE_API.toInetAddress(), KUBE_PORT)));
    outside = NetworkNamespace.create(directory.resolve("netns/" + WORLD_NAME));
    fabric.addMachine(outside, "w", subnet("w"), WORLD_HOST);
    ServerSocketChannel listener =
        outside.<ServerSocketChannel, IOException>call(
            () -> ServerSocketChannel.open().bind(new InetSocketAddress(WORLD_PORT)));
    greeter.serve(WORLD_NAME, listener);
    kubelet = new Kubelet(kube.objects(), greeter, software.cniShim(), directory.resolve("netns"));
    for (Path crd : software.customResourceDefinitions()) {
      kube.objects().create(Files.readString(crd));
    }
    kube.objects().create(Workloads.text("calico-crds.yaml"));
  }

  private static Cidr subnet(String name) {
    Cidr block = SUBNETS.get(name);
    if (block == null) {
      throw new IllegalArgumentException("there is no subnet " + name);
    }
    return block;
  }

  /** Adds a machine with its agent, its Node object and a block of its own. */
  void addNode(String name, int number, String subnet) throws IOException {
    IpAddress address = subnet(subnet).address(10 + number);
    Cidr block = Cidr.containing(POOL.address(256L * number), BLOCK_LENGTH);
    NetworkNamespace namespace = NetworkNamespace.create(directory.resolve("netns/" + name));
    fabric.addMachine(namespace, subnet, subnet(subnet), address);
    // The kubelet requires it of every node.
    Sysctl.write(namespace, SysctlKey.of("ipv4", "ip_forward"), "1");
    Path home = Files.createDirectories(directory.resolve(name));
    LabNode node =
        new LabNode(
            name, name, address, namespace, home, software.nodeAgent(agentArguments(name, home)));
    createObjects(name, address, block);
    kubelet.register(node);
    members.put(name, new Member(node, subnet, block, new Arrivals(namespace, POOL)));
    node.startAgent();
  }

  /**
   * The Node as the kubelet makes it, the tunnel address in the block's first address, and pods in
   * its second half.
   */
  private void createObjects(String name, IpAddress address, Cidr block) {
    ObjectNode node = JSON.createObjectNode().put("apiVersion", "v1").put("kind", "Node");
    ObjectNode metadata = node.putObject("metadata").put("name", name);
    metadata
        .putObject("labels")
        .put("kubernetes.io/hostname", name)
        .put("subnet", subnetOf(address));
    metadata
        .putObject("annotations")
        .put("projectcalico.org/IPv4VXLANTunnelAddr", block.network().toString());
    kube.objects().create(node);
    ObjectNode status = JSON.createObjectNode();
    status
        .putArray("addresses")
        .addObject()
        .put("type", "InternalIP")
        .put("address", address.toString());
    kube.objects().mergeStatus("nodes", "", name, status);

    ObjectNode affinity =
        JSON.createObjectNode()
            .put("apiVersion", "projectcalico.org/v3")
            .put("kind", "BlockAffinity");
    affinity
        .putObject("metadata")
        .put("name", name + "-" + block.toString().replaceAll("[./]", "-"));
    affinity
        .putObject("spec")
        .put("cidr", block.toString())
        .put("node", name)
        .put("type", "host")
        .put("state", "confirmed")
        .put("deleted", false);
    kube.objects().create(affinity);

    ObjectNode network =
        JSON.createObjectNode()
            .put("apiVersion", "portolan.io/v1alpha1")
            .put("kind", "NodeNetwork");
    network.putObject("metadata").put("name", name);
    network.putObject("spec");
    kube.objects().create(network);
    ObjectNode supplied = JSON.createObjectNode();
    supplied
        .putObject("supply")
        .put("revision", 1)
        .putArray("nodeCidrs")
        .add(new Cidr(block.address(32), BLOCK_LENGTH + 1).toString());
    kube.objects().mergeStatus("nodenetworks.portolan.io", "", name, supplied);
  }

  private static String subnetOf(IpAddress address) {
    return SUBNETS.entrySet().stream()
        .filter(s -> s.getValue().contains(address))
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  private List<String> agentArguments(String name, Path home) throws IOException {
    Path kubeconfig =
        Files.writeString(
            home.resolve("kubeconfig"),
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: lab, cluster: {server: "http://%s:%d"}}]
            contexts: [{name: lab, context: {cluster: lab, user: lab}}]
            users: [{name: lab, user: {token: lab}}]
            current-context: lab
            """
                .formatted(KUBE_API, KUBE_PORT));
    List<String> arguments = new ArrayList<>();
    if (bgp) {
      arguments.addAll(List.of("--bird", TopOfRack.BIRD.toString()));
    }
    arguments.addAll(
        List.of(
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
            "127.0.0.1:9180"));
    return arguments;
  }

  /** The router's address in a subnet. */
  IpAddress router(String subnet) {
    return subnet(subnet).address(1);
  }

  /** Has the router speak BGP with all nodes that there are. */
  void startRouter() throws IOException {
    router =
        TopOfRack.start(
            fabric.namespace(),
            Files.createDirectories(directory.resolve("router")),
            members.values().stream().map(m -> m.node().address()).toList());
  }

  /** Waits until every agent listens: it does when it can answer. */
  void awaitAgents() throws InterruptedException {
    for (Member member : members.values()) {
      while (!Files.exists(LabNode.cniSocket(member.node().directory()))) {
        Program agent = member.node().agent();
        if (agent != null && !agent.alive()) {
          throw new IllegalStateException(agent.name() + " ended:\n" + agent.lastWords(20));
        }
        Thread.sleep(20);
      }
    }
  }

  KubeApiServer kube() {
    return kube;
  }

  Kubelet kubelet() {
    return kubelet;
  }

  PlainFabric fabric() {
    return fabric;
  }

  NetworkNamespace outside() {
    return outside;
  }

  Collection<Member> members() {
    return members.values();
  }

  Member member(String name) {
    Member member = members.get(name);
    if (member == null) {
      throw new IllegalArgumentException("there is no node " + name);
    }
    return member;
  }

  @Override
  public void close() throws IOException {
    if (router != null) {
      router.kill();
    }
    for (Member member : members.values()) {
      member.arrivals().close();
      member.node().close();
    }
    kube.close();
    greeter.close();
    fabric.close();
    outside.close();
    try (Stream<Path> mounts = Files.list(directory.resolve("netns"))) {
      mounts.forEach(NetworkNamespace::delete);
    }
  }
}
