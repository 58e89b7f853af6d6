package io.portolan.node.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two cloud interfaces, a network behind them that is as strict as a VPC, and policy. */
@Timeout(300)
class CloudRoutingNetnsIT {
  private static final Pattern ADDRESS = Pattern.compile("\"address\":\"(10\\.0\\.[0-9.]+)/32\"");
  private static final String OUTSIDE = "198.51.100.7";

  @TempDir Path directory;
  private TestNode node;

  @BeforeEach
  void start() throws Exception {
    assumeThat(System.getProperty("user.name")).as("namespaces need root").isEqualTo("root");
    node =
        new TestNode(
            directory,
            List.of("--cooldown", "1", "--address-timeout", "5", "--policy-timeout", "3000"));
    // The network: one namespace with a port to each interface; by each port it takes and gives
    // only the addresses of that interface, as a VPC does.
    node.container("vpc");
    port("eth0", "02:00:00:00:00:01", "port0", "10.0.0.10", "10.0.1.0/24");
    port("eth1", "02:00:00:00:00:02", "port1", "10.0.0.20", "10.0.2.0/24");
    node.inNode("ip", "addr", "add", "10.0.0.10/24", "dev", "eth0");
    node.inNode("ip", "route", "add", "default", "via", "10.0.0.1", "dev", "eth0");
    node.inContainer("vpc", "ip", "addr", "add", OUTSIDE + "/32", "dev", "lo");
    node.inContainer("vpc", "ip", "link", "set", "lo", "up");
    node.supplyOfTwo(1, List.of("10.0.1.1"), List.of("10.0.2.1", "10.0.2.2"));
    node.awaitSupply();
    await(
        "the table of eth1",
        () -> node.inNode("ip", "route", "show", "table", "2").contains("default"));
  }

  private void port(String device, String mac, String port, String own, String pods)
      throws Exception {
    node.inNode(
        "ip",
        "link",
        "add",
        device,
        "address",
        mac,
        "type",
        "veth",
        "peer",
        "name",
        port,
        "netns",
        node.namespaceOf("vpc"));
    node.inContainer("vpc", "ip", "link", "set", port, "up");
    node.inContainer("vpc", "ip", "addr", "add", "10.0.0.1/32", "dev", port);
    node.inContainer("vpc", "ip", "route", "add", own + "/32", "dev", port);
    node.inContainer("vpc", "ip", "route", "add", pods, "via", own, "dev", port, "onlink");
    node.inContainer("vpc", "sysctl", "-qw", "net.ipv4.conf." + port + ".rp_filter=1");
    node.inNode("ip", "link", "set", device, "up");
  }

  @AfterEach
  void stop() throws Exception {
    if (node != null) {
      node.close();
    }
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    Instant deadline = Instant.now().plus(Duration.ofMinutes(1));
    while (!condition.call()) {
      assertThat(Instant.now()).as("waiting for %s", what).isBefore(deadline);
    }
  }

  private String added(String id, String labels) throws Exception {
    String uid =
        node.kube()
            .objects()
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
    node.container(id);
    TestNode.Ran ran = node.addPod(id, uid);
    assertThat(ran.exitCode()).as(ran.output() + node.log()).isZero();
    Matcher matcher = ADDRESS.matcher(ran.output());
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }

  private boolean reaches(String from, String to) throws Exception {
    return node.inContainer(from, "ping", "-c1", "-W1", to).contains(" 0% packet loss");
  }

  @Test
  void sendsEachPodsPacketsByTheInterfaceItsAddressBelongsTo() throws Exception {
    assertThat(added("a", "app: a")).isEqualTo("10.0.1.1");
    assertThat(added("b", "app: b")).isEqualTo("10.0.2.1");
    assertThat(reaches("a", "10.0.0.1")).as("primary to the router").isTrue();
    assertThat(reaches("b", "10.0.0.1")).as("secondary to the router").isTrue();
    assertThat(reaches("vpc", "10.0.2.1")).as("router to secondary").isTrue();
    assertThat(reaches("a", "10.0.2.1")).as("within the node").isTrue();
    assertThat(reaches("b", "10.0.1.1")).as("within the node, back").isTrue();
    // The network sees the node's address, by the primary interface, whoever asks.
    node.inContainer("vpc", "ip", "route", "del", "10.0.1.0/24");
    node.inContainer("vpc", "ip", "route", "del", "10.0.2.0/24");
    assertThat(reaches("a", OUTSIDE)).as("translated, primary").isTrue();
    assertThat(reaches("b", OUTSIDE))
        .as(
            "translated, secondary: %s %s",
            node.inNode("nft", "list", "ruleset"), node.inNode("ip", "rule"))
        .isTrue();
    assertThat(reaches("b", "10.0.0.1")).as("not translated inside the VPC").isFalse();
    assertThat(node.inNode("ip", "rule"))
        .contains("1024:\tfrom all fwmark 0x80/0x80 lookup main proto 112")
        .contains("1536:\tfrom 10.0.2.1 lookup 2 proto 112")
        .contains("512:\tfrom all to 10.0.1.1 lookup main proto 112");

    assertThat(node.cni("DEL", "b").ok()).isTrue();
    assertThat(node.inNode("ip", "rule")).doesNotContain("10.0.2.1 ");
    node.killAgent();
    node.startAgent();
    assertThat(reaches("a", OUTSIDE)).as("after a restart").isTrue();
  }

  @Test
  void refusesAPodWhosePolicyCannotBeKnownAndLeavesNothing() throws Exception {
    node.container("stranger");
    TestNode.Ran ran = node.cni("ADD", "stranger");
    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.output())
        .contains("\"code\":11")
        .contains("the network policy of pod default/pod-stranger was not in force within 3000 ms");
    assertThat(node.inNode("ip", "route")).doesNotContain("10.0.1.1 ");
    await("the link to go", () -> !node.inNode("ip", "-o", "link").contains("eni"));
    assertThat(node.inContainer("stranger", "ip", "-o", "addr")).doesNotContain("10.0.1.1");
  }

  @Test
  void enforcesPolicyFromThePodsFirstPacketAndAfterARestart() throws Exception {
    node.kube()
        .objects()
        .create(
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: closed, namespace: default}
            spec:
              podSelector: {matchLabels: {app: closed}}
              policyTypes: [Ingress]
              ingress: [{from: [{podSelector: {matchLabels: {app: friend}}}]}]
            """);
    added("friend", "app: friend");
    String closed = added("closed", "app: closed");
    added("other", "app: other");
    assertThat(reaches("friend", closed)).isTrue();
    assertThat(reaches("other", closed)).isFalse();
    node.killAgent();
    assertThat(reaches("friend", closed)).isTrue();
    assertThat(reaches("other", closed)).isFalse();
    node.startAgent();
    for (int i = 0; i < 3; i++) {
      assertThat(reaches("friend", closed)).isTrue();
      assertThat(reaches("other", closed)).isFalse();
    }
  }

  @Test
  void answersAMarkOnlyWhenTheAddressIsUnusedAndHasRested() throws Exception {
    String held = added("a", "app: a");
    assertThat(held).isEqualTo("10.0.1.1");
    node.kube()
        .objects()
        .mergeStatus(
            "nodenetworks.portolan.io",
            "",
            TestNode.NODE,
            TestNode.json(
                """
                {"supply":{"revision":2,"releasing":[
                  {"cidr":"10.0.1.1/32","epoch":2},{"cidr":"10.0.2.2/32","epoch":2}]}}
                """));
    await("the free address", () -> released().contains("10.0.2.2/32"));
    assertThat(released()).doesNotContain("10.0.1.1");
    assertThat(node.cni("DEL", "a").ok()).isTrue();
    await("the held address", () -> released().contains("10.0.1.1/32"));
    assertThat(released()).contains("\"epoch\":2");
    // Given back is given back, also after a restart without API server.
    assertThat(added("b", "app: b")).isEqualTo("10.0.2.1");
  }

  private String released() {
    return node.kube()
        .objects()
        .get("nodenetworks.portolan.io", "", TestNode.NODE)
        .map(o -> o.path("status").path("use").path("released").toString())
        .orElse("");
  }
}
