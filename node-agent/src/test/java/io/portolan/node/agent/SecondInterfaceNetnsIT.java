package io.portolan.node.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A policed pod with two interfaces of one network: each is an endpoint of its own. */
@Timeout(300)
class SecondInterfaceNetnsIT {
  private static final Pattern ADDRESS = Pattern.compile("\"address\":\"(10\\.0\\.[0-9.]+)/32\"");

  @TempDir Path directory;
  private TestNode node;

  @BeforeEach
  void start() throws Exception {
    assumeThat(System.getProperty("user.name")).as("namespaces need root").isEqualTo("root");
    node =
        new TestNode(
            directory,
            List.of("--cooldown", "1", "--address-timeout", "5", "--policy-timeout", "5000"));
    node.supply(1, List.of("10.0.1.1", "10.0.1.2", "10.0.1.3", "10.0.1.4"), List.of());
    node.awaitSupply();
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
  }

  @AfterEach
  void stop() throws Exception {
    if (node != null) {
      node.close();
    }
  }

  private String added(String id, String ifName, String uid) throws Exception {
    return address(attached(id, ifName, uid));
  }

  private TestNode.Ran attached(String id, String ifName, String uid) throws Exception {
    TestNode.Ran ran = node.addPod(id, ifName, uid);
    assertThat(ran.exitCode()).as(ran.output() + node.log()).isZero();
    return ran;
  }

  private static String address(TestNode.Ran ran) {
    Matcher matcher = ADDRESS.matcher(ran.output());
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }

  private String pod(String id) throws Exception {
    String uid = node.apiPod(id, "app: " + id);
    node.container(id);
    return uid;
  }

  private boolean reaches(String from, String to) throws Exception {
    return node.inContainer(from, "ping", "-c1", "-W1", to).contains(" 0% packet loss");
  }

  @Test
  void checkCoversThePolicyOfEachInterface() throws Exception {
    String uid = pod("closed");
    TestNode.Ran first = attached("closed", "eth0", uid);
    TestNode.Ran second = attached("closed", "eth1", uid);
    assertThat(check("eth0", first)).isEqualTo(new TestNode.Ran(0, ""));
    assertThat(check("eth1", second)).isEqualTo(new TestNode.Ran(0, ""));
    node.inContainer("closed", "ip", "rule", "del", "from", address(second));
    assertThat(check("eth1", second).output())
        .contains("the container's rule for packets from " + address(second) + " is missing");
    // Gone from the API: nobody knows any more what the pod may do, so it is closed.
    node.kube().objects().deleteNow("pods", "default", "pod-closed");
    Instant deadline = Instant.now().plusSeconds(60);
    while (check("eth0", first).ok() && Instant.now().isBefore(deadline)) {}
    assertThat(check("eth0", first).output())
        .contains("\"code\":100")
        .contains("the network policy of pod default/pod-closed was not in force within 5000 ms");
  }

  private TestNode.Ran check(String ifName, TestNode.Ran added) throws Exception {
    return node.cni("CHECK", "closed", ifName, ",\"prevResult\":" + added.output());
  }

  @Test
  void bothInterfacesArePolicedAndOneStaysSoWhenTheOtherGoes() throws Exception {
    added("friend", "eth0", pod("friend"));
    added("other", "eth0", pod("other"));
    String uid = pod("closed");
    String first = added("closed", "eth0", uid);
    String second = added("closed", "eth1", uid);
    for (String address : List.of(first, second)) {
      assertThat(reaches("friend", address)).as("friend to %s", address).isTrue();
      assertThat(reaches("other", address)).as("other to %s", address).isFalse();
    }

    assertThat(node.cni("DEL", "closed", "eth1", "").ok()).isTrue();
    assertThat(reaches("friend", first)).as("the first interface works still").isTrue();
    assertThat(reaches("other", first)).as("the first interface is policed still").isFalse();
    String ruleset = node.inNode("nft", "list", "table", "inet", "portolan");
    Instant deadline = Instant.now().plusSeconds(60);
    while (ruleset.contains(second) && Instant.now().isBefore(deadline)) {
      ruleset = node.inNode("nft", "list", "table", "inet", "portolan");
    }
    assertThat(ruleset).contains(first).doesNotContain(second);
    assertThat(reaches("other", first)).as("... when nothing of the other is left").isFalse();

    String third = added("closed", "eth2", uid);
    assertThat(node.cni("DEL", "closed", "eth0", "").ok()).isTrue();
    assertThat(reaches("friend", third)).as("the interface that is left works").isTrue();
    assertThat(reaches("other", third)).as("the interface that is left is policed").isFalse();
    node.killAgent();
    node.startAgent();
    assertThat(reaches("friend", third)).as("after a restart").isTrue();
    assertThat(reaches("other", third)).as("after a restart").isFalse();
  }
}
