package io.portolan.lab.bench;

import io.portolan.lab.cluster.LabNode;
import io.portolan.lab.cluster.Program;
import io.portolan.lab.control.LabDirectory;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.route.Address;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.LinkChange;
import io.portolan.linux.route.LinkRef;
import io.portolan.linux.route.MacAddress;
import io.portolan.linux.route.NewLink;
import io.portolan.linux.route.Route;
import io.portolan.linux.route.RouteSocket;
import io.portolan.linux.route.VethPeer;
import io.portolan.linux.sysctl.Sysctl;
import io.portolan.linux.sysctl.SysctlKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The one real node: a network namespace with an uplink, and the agent as a process in it. */
final class BenchNode implements AutoCloseable {
  private static final InetSocketAddress HEALTH = new InetSocketAddress("127.0.0.1", 9180);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final NetworkNamespace namespace;
  private final NetworkNamespace uplink = NetworkNamespace.anonymous();
  private final Path namespaces;
  private final Path home;
  private final Path shim;
  private final String apiServer;

  /**
   * @param cluster its API is made to listen in the node's namespace
   * @param shim the CNI plugin, asked for the agent's STATUS
   */
  BenchNode(LabDirectory directory, BenchCluster cluster, Path shim) throws IOException {
    this.shim = shim;
    home = Files.createDirectories(directory.resolve(BenchCluster.NODE));
    namespaces = Files.createDirectories(directory.resolve("netns"));
    namespace = NetworkNamespace.create(namespaces.resolve(BenchCluster.NODE));
    connectUplink();
    InetSocketAddress api =
        namespace.<InetSocketAddress, IOException>call(
            () -> cluster.listen(new InetSocketAddress("127.0.0.1", 0)));
    apiServer = "http://127.0.0.1:" + api.getPort();
  }

  private void connectUplink() {
    try (RouteSocket far = RouteSocket.openIn(uplink);
        RouteSocket near = RouteSocket.openIn(namespace)) {
      VethPeer device =
          VethPeer.named("ens5").withMac(MacAddress.parse(BenchCluster.MAC)).in(namespace);
      far.create(NewLink.veth("ens5-far", device).withUp());
      near.change(LinkRef.named("lo"), LinkChange.UP);
      int link = near.link("ens5").orElseThrow().index();
      near.change(LinkRef.of(link), LinkChange.UP);
      near.add(Address.of(link, new IpPrefix(BenchCluster.NODE_ADDRESS.toInetAddress(), 17)));
      near.add(Route.to(IpPrefix.ALL_IPV4).via(BenchCluster.GATEWAY.toInetAddress()).dev(link));
    }
    Sysctl.write(namespace, SysctlKey.of("ipv4", "ip_forward"), "1");
  }

  NetworkNamespace namespace() {
    return namespace;
  }

  /** The machine at the other end of {@code ens5}, which is {@code ens5-far} there. */
  NetworkNamespace uplink() {
    return uplink;
  }

  /** Directory of mounted network namespaces, the node's and its pods'. */
  Path namespaces() {
    return namespaces;
  }

  Path cniSocket() {
    return LabNode.cniSocket(home);
  }

  /** The agent's arguments. */
  List<String> arguments() {
    return List.of(
        "--node-name",
        BenchCluster.NODE,
        "--api-server",
        apiServer,
        "--cni-socket",
        cniSocket().toString(),
        "--state-dir",
        home.resolve("state").toString(),
        "--run-dir",
        home.resolve("run").toString(),
        "--metrics-address",
        HEALTH.getHostString() + ":" + HEALTH.getPort());
  }

  Program start(List<String> command) throws IOException {
    return Program.start("agent", namespace, command, Map.of(), home.resolve("agent.log"));
  }

  /**
   * @param status until STATUS was answered with success through the shim
   * @param ready until {@code /readyz} was
   */
  record Readiness(Duration status, Duration ready) {}

  /** Starts the agent and times it from before its process exists. */
  Readiness startTimed(List<String> command, List<Program> started)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    Program agent = start(command);
    started.add(agent);
    Duration status = await(begin, agent, this::answersStatus);
    Duration ready = await(begin, agent, this::isReady);
    return new Readiness(status, ready);
  }

  private interface Question {
    boolean ask() throws IOException, InterruptedException;
  }

  private static Duration await(long begin, Program agent, Question question)
      throws IOException, InterruptedException {
    while (!question.ask()) {
      if (!agent.alive() || System.nanoTime() - begin > PATIENCE.toNanos()) {
        throw new IOException("the agent did not become ready:\n" + agent.lastWords(20));
      }
      TimeUnit.MILLISECONDS.sleep(2);
    }
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  private boolean answersStatus() throws IOException, InterruptedException {
    if (!Files.exists(cniSocket())) {
      return false;
    }
    ProcessBuilder builder =
        new ProcessBuilder(shim.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().clear();
    builder
        .environment()
        .putAll(Map.of("CNI_COMMAND", "STATUS", "PORTOLAN_CNI_SOCKET", cniSocket().toString()));
    Process process = builder.start();
    try (var stdin = process.getOutputStream()) {
      stdin.write(
          "{\"cniVersion\":\"1.1.0\",\"name\":\"portolan\",\"type\":\"portolan-cni\"}"
              .getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      return false; // it ended without reading: nobody listens yet
    }
    return process.waitFor() == 0;
  }

  private boolean isReady() {
    try (SocketChannel channel =
        namespace.<SocketChannel, IOException>call(() -> SocketChannel.open(HEALTH))) {
      channel.write(
          ByteBuffer.wrap(
              "GET /readyz HTTP/1.0\r\nHost: node\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer answer = ByteBuffer.allocate(64);
      while (answer.hasRemaining() && channel.read(answer) >= 0) {
        // An HTTP answer's first line is far shorter than the buffer.
      }
      return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII)
          .contains(" 200 ");
    } catch (IOException e) {
      return false;
    }
  }

  /** Takes away what an agent keeps on disk, as on a new machine. */
  void wipe() throws IOException {
    for (String kept : List.of("state", "run")) {
      Path path = home.resolve(kept);
      if (Files.exists(path)) {
        try (Stream<Path> entries = Files.walk(path)) {
          for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(entry);
          }
        }
      }
    }
    Files.deleteIfExists(cniSocket());
  }

  /** How many veths the node has beside its uplink: the host ends of pods, of either plugin. */
  long podLinks() {
    try (RouteSocket routes = RouteSocket.openIn(namespace)) {
      return routes.links().stream().filter(l -> l.kind().equals("veth")).count() - 1;
    }
  }

  /** Closes the node's namespace and takes away every mount of one, its pods' too. */
  @Override
  public void close() throws IOException {
    namespace.close();
    uplink.close();
    try (Stream<Path> mounts = Files.list(namespaces)) {
      mounts.forEach(NetworkNamespace::delete);
    }
  }
}
