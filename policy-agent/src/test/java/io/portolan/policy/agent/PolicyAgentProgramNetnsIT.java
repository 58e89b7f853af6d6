package io.portolan.policy.agent;

import static io.portolan.policy.agent.Connecting.connects;
import static io.portolan.policy.agent.Connecting.isSilent;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.PolicyAgentMain;
import io.portolan.sim.kube.ApiOptions;
import io.portolan.sim.kube.KubeApiServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The program itself beside a foreign plugin: it is killed, comes back, and leaves. */
class PolicyAgentProgramNetnsIT {
  private static final int PORT = 8080;
  private static final ForeignWiring WIRING = ForeignWiring.AZURE;

  private final NetworkLab lab = new NetworkLab();
  private final EchoServers servers = new EchoServers();
  private final List<Process> programs = new ArrayList<>();
  private KubeApiServer api;
  private Host server;
  private Host client;
  private Host stranger;
  private String before;

  @BeforeEach
  void aNodeWithThreePodsAndAPolicy() throws Exception {
    api = KubeApiServer.start(ApiOptions.DEFAULT);
    lab.node().call(() -> api.listen(new InetSocketAddress("127.0.0.1", 6443)));
    WIRING.prepare(lab);
    api.objects()
        .create(
            """
            apiVersion: v1
            kind: Namespace
            metadata: {name: shop}
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: server, namespace: shop}
            spec:
              podSelector: {matchLabels: {app: server}}
              ingress:
              - from:
                - podSelector: {matchLabels: {app: client}}
            """);
    server = pod("server", 2);
    client = pod("client", 3);
    stranger = pod("stranger", 4);
    before = NodeConfiguration.of(lab.node());
  }

  @AfterEach
  void cleanUp() throws Exception {
    programs.forEach(Process::destroyForcibly);
    for (Process program : programs) {
      program.waitFor();
    }
    api.close();
    servers.close();
    lab.close();
  }

  @Test
  void rulesOutliveTheProgramsDeathAndAreTakenAwayByCleanup() throws Exception {
    Process first = agent();
    awaitReady();
    assertPoliced("while it runs");
    first.destroyForcibly().waitFor();
    assertPoliced("after it was killed");

    Process second = agent();
    awaitReady();
    Host late = pod("late", 5);
    assertThat(PolicyOnlyNode.await(() -> !isListed(late.address(true), "isolated4"))).isTrue();
    assertThat(connects(stranger, late.address(true), PORT)).as("a pod without a policy").isTrue();
    assertPoliced("after a restart");
    second.destroy();
    assertThat(second.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertPoliced("after its end");
    WIRING.unwire(lab, late, "late");
    assertThat(NodeConfiguration.of(lab.node())).isEqualTo(before);

    Process leaving = program("--cleanup");
    String said = new String(leaving.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(leaving.waitFor()).as(said).isZero();
    assertThat(said).contains("removed: table inet portolan");
    assertThat(lab.nft("list", "tables")).doesNotContain("portolan");
    assertThat(NodeConfiguration.of(lab.node())).isEqualTo(before);
    assertThat(connects(stranger, server.address(true), PORT)).as("after leaving").isTrue();
  }

  private void assertPoliced(String when) {
    for (boolean ipv4 : new boolean[] {true, false}) {
      assertThat(connects(client, server.address(ipv4), PORT)).as("client %s", when).isTrue();
      assertThat(isSilent(stranger, server.address(ipv4), PORT)).as("stranger %s", when).isTrue();
    }
  }

  private boolean isListed(IpAddress address, String set) {
    return lab.nft("list", "set", "inet", "portolan", set).contains(address.toString());
  }

  /** As a kubelet brings it about: bound, wired, and then shown. */
  private Host pod(String name, int number) throws IOException {
    api.objects()
        .create(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: %1$s, namespace: shop, labels: {app: %1$s}}
            spec:
              nodeName: node-1
              containers:
              - {name: main, image: main}
            """
                .formatted(name));
    Host host = WIRING.wire(lab, lab.container(), name, number);
    servers.serve(host, PORT);
    ObjectNode status = new ObjectMapper().createObjectNode();
    status.put("phase", "Running").put("podIP", host.addresses().getFirst().toString());
    host.addresses()
        .forEach(address -> status.withArray("podIPs").addObject().put("ip", address.toString()));
    api.objects().mergeStatus("pods", "shop", name, status);
    return host;
  }

  private Process agent() throws IOException {
    return program("--node-name=node-1", "--api-server=http://127.0.0.1:6443");
  }

  private Process program(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                PolicyAgentMain.class.getName(),
                "--log-format=TEXT"));
    command.addAll(List.of(arguments));
    Process program =
        lab.node().call(() -> new ProcessBuilder(command).redirectErrorStream(true).start());
    programs.add(program);
    if (arguments.length > 1) {
      // Nobody reads what it logs; a full pipe would stop it.
      Thread.ofVirtual()
          .start(() -> {
            try {
              program.getInputStream().transferTo(System.err);
            } catch (IOException e) {
              // It was killed.
            }
          });
    }
    return program;
  }

  private void awaitReady() {
    assertThat(PolicyOnlyNode.await(() -> readiness().startsWith("200"))).as(readiness()).isTrue();
  }

  private String readiness() {
    return NetworkLab.run(
        lab.node(),
        "sh",
        "-c",
        "curl -s -w '%{http_code}' http://127.0.0.1:9465/readyz | tac || true");
  }
}
