package io.portolan.calico.bgp.bird;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.portolan.calico.bgp.BgpCluster;
import io.portolan.calico.bgp.BirdConfiguration;
import io.portolan.calico.bgp.BirdRenderer;
import io.portolan.calico.routing.RoutingSnapshot.Settings;
import io.portolan.calico.routing.Topology;
import io.portolan.calico.routing.kernel.Machines;
import io.portolan.linux.netns.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real BIRDs: one on each node, and one as the router between their subnets. */
class BirdNetnsIT {
  private static final Path BIRD = Path.of("/usr/sbin/bird");
  private static final List<String> NODES = List.of("node1", "node2", "node3");

  @TempDir Path directory;
  private final Machines machines = new Machines();
  private final Map<String, BirdProcess> birds = new LinkedHashMap<>();

  @BeforeEach
  void wire() throws IOException {
    assumeTrue(Files.isExecutable(BIRD), "bird is not installed (package bird2)");
    machines
        .subnet("br-a", "192.168.1.254/24")
        .subnet("br-b", "192.168.2.254/24")
        .subnet("br-o", "198.51.100.254/24")
        .machine("node1", "br-a", Map.of("192.168.1.1/24", "192.168.1.254"))
        .machine("node2", "br-a", Map.of("192.168.1.2/24", "192.168.1.254"))
        .machine("node3", "br-b", Map.of("192.168.2.3/24", "192.168.2.254"))
        .machine("outside", "br-o", Map.of("198.51.100.9/24", "198.51.100.254"));
    machines.pod("pod1", "node1", "10.0.1.9");
    machines.pod("pod2", "node2", "10.0.2.9");
    machines.pod("pod3", "node3", "10.0.3.9");
    for (String node : NODES) {
      birds.put(node, new BirdProcess(BIRD, directory.resolve(node)));
      machines.reconcile(
          node,
          new Topology()
              .settings(Settings.DEFAULT.withoutRoutesOfBgp())
              .node("node1", "192.168.1.1/24")
              .node("node2", "192.168.1.2/24")
              .node("node3", "192.168.2.3/24")
              .plainPool("10.0.0.0/16")
              .block("10.0.1.0/26", "node1")
              .block("10.0.2.0/26", "node2")
              .block("10.0.3.0/26", "node3")
              .seenFrom(node));
    }
    birds.put("router", new BirdProcess(BIRD, directory.resolve("router")));
  }

  @AfterEach
  void close() {
    birds.values().forEach(BirdProcess::stop);
    machines.close();
  }

  private static BgpCluster cluster(String node) {
    return new BgpCluster()
        .node("node1", Map.of(), "192.168.1.1")
        .node("node2", Map.of(), "192.168.1.2")
        .node("node3", Map.of(), "192.168.2.3")
        .pool("10.0.0.0/16", true, false)
        .block("10.0." + node.substring(4) + ".0/26");
  }

  private NetworkNamespace place(String name) {
    return name.equals("router") ? machines.fabric() : machines.in(name);
  }

  private void use(String node, BgpCluster cluster, boolean recover)
      throws IOException, InterruptedException {
    use(node, BirdRenderer.render(cluster.seenFrom(node)).text(), recover);
  }

  private void use(String name, String text, boolean recover) {
    place(name)
        .run(() -> {
          try {
            bird(name).use(text, recover);
          } catch (IOException | InterruptedException e) {
            throw new AssertionError(name + ": " + e.getMessage() + "\n" + text, e);
          }
        });
  }

  private BirdProcess bird(String name) {
    return Optional.ofNullable(birds.get(name)).orElseThrow();
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + 40_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      Thread.sleep(100);
    }
  }

  private String routes(String name) {
    return Machines.output(place(name), "ip", "route", "show", "proto", "bird");
  }

  private static String router(String... nodes) {
    StringBuilder text =
        new StringBuilder(
            """
            log stderr all;
            router id 192.168.1.254;
            protocol device { scan time 1; }
            protocol direct { ipv4; }
            protocol kernel { persist; ipv4 { import none; export where source = RTS_BGP; }; }
            template bgp node { local as 65001; direct; connect retry time 1;
              graceful restart on;
              ipv4 { import all; export where source = RTS_BGP; }; }
            """);
    for (String node : nodes) {
      text.append("protocol bgp from node { neighbor ").append(node).append(" as 64512; }\n");
    }
    return text.toString();
  }

  private static String topOfRack(String address) {
    return "{peerIP: '" + address + "', asNumber: 65001}";
  }

  @Test
  void aMeshInOneSubnetNeedsNobody() throws Exception {
    use("node1", cluster("node1"), false);
    use("node2", cluster("node2"), false);

    await("pods reach each other", () -> machines.reaches("pod1", "10.0.2.9"));
    assertThat(routes("node1")).isEqualTo("10.0.2.0/26 via 192.168.1.2 dev eth0 metric 1024");
    assertThat(bird("node1").sessions())
        .contains(new SessionState("mesh_192_168_1_2", true, "Established"));
  }

  /** Announces pods and Services, to hosts that are no members. */
  @Test
  void routersLearnWherePodsAndServicesAre() throws Exception {
    String settings =
        "{nodeToNodeMeshEnabled: false, serviceExternalIPs: [{cidr: '203.0.113.0/24'}]}";
    for (String node : NODES) {
      String router = node.equals("node3") ? "192.168.2.254" : "192.168.1.254";
      use(node, cluster(node).configuration(settings).peer("tor", topOfRack(router)), false);
    }
    use("router", router("192.168.1.1", "192.168.1.2", "192.168.2.3"), false);

    await("outside reaches a pod", () -> machines.reaches("outside", "10.0.3.9"));
    await("pods reach each other", () -> machines.reaches("pod1", "10.0.3.9"));
    await("all announce", () -> routes("router").contains("203.0.113.0/24"));
    assertThat(routes("router"))
        .contains("10.0.1.0/26 via 192.168.1.1", "10.0.2.0/26 via 192.168.1.2");
    // The address of a Service, as kube-proxy would put it on every node.
    machines.sh("node1", "ip addr add 203.0.113.7/32 dev lo");
    machines.sh("node2", "ip addr add 203.0.113.7/32 dev lo");
    machines.sh("node3", "ip addr add 203.0.113.7/32 dev lo");
    assertThat(machines.reaches("outside", "203.0.113.7")).isTrue();
    assertThat(routes("node1")).as("Services are not routed by nodes").doesNotContain("203.0.113");
  }

  @Test
  void routesOutliveBirdAndItComesBack() throws Exception {
    for (String node : NODES) {
      String router = node.equals("node3") ? "192.168.2.254" : "192.168.1.254";
      use(
          node,
          cluster(node)
              .configuration("{nodeToNodeMeshEnabled: false}")
              .peer("tor", topOfRack(router)),
          false);
    }
    use("router", router("192.168.1.1", "192.168.1.2", "192.168.2.3"), false);
    await("pods reach each other", () -> machines.reaches("pod1", "10.0.3.9"));

    kill("node1");
    await("it is dead", () -> !bird("node1").isAlive());
    assertThat(machines.reaches("pod1", "10.0.3.9")).as("routes stay on both sides").isTrue();
    use(
        "node1",
        cluster("node1")
            .configuration("{nodeToNodeMeshEnabled: false}")
            .peer("tor", topOfRack("192.168.1.254")),
        true);
    for (int i = 0; i < 20; i++) {
      assertThat(machines.reaches("pod1", "10.0.3.9")).as("while it recovers").isTrue();
    }
    await(
        "the session is back",
        () -> bird("node1").sessions().stream().allMatch(SessionState::established));
    assertThat(machines.reaches("outside", "10.0.1.9")).isTrue();
  }

  private void kill(String name) {
    String socket = directory.resolve(name).resolve("bird.ctl").toString();
    ProcessHandle.current()
        .descendants()
        .filter(p -> p.info().arguments().map(a -> List.of(a).contains(socket)).orElse(false))
        .forEach(ProcessHandle::destroyForcibly);
  }

  @Test
  void aPeerThatBirdRefusesIsLeftOutAlone() throws Exception {
    BgpCluster cluster =
        cluster("node1")
            .configuration("{nodeToNodeMeshEnabled: false}")
            .peer("bad", "{peerIP: '192.168.1.250', asNumber: 65001}")
            .peer("good", topOfRack("192.168.1.254"));
    BirdProcess bird = bird("node1");

    // Stands for what BIRD refuses though it was thought right.
    BirdConfiguration made =
        CheckedConfiguration.of(
            cluster.seenFrom("node1"),
            text ->
                text.contains("192.168.1.250") ? Optional.of("not this one") : bird.check(text));

    assertThat(made.problems())
        .extracting(Object::toString)
        .containsExactly("BGPPeer bad: BIRD refuses it, or one of its filters: not this one");
    assertThat(made.sessions()).containsOnlyKeys("peer_192_168_1_254");
    use("node1", made.text(), false);
    assertThat(bird.isAlive()).isTrue();
  }
}
