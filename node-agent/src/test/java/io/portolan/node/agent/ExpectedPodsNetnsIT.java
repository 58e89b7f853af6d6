package io.portolan.node.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the agent does for a pod between its binding and its ADD. */
@Timeout(300)
class ExpectedPodsNetnsIT {
  @TempDir Path directory;
  private TestNode node;

  @BeforeEach
  void start() throws Exception {
    assumeThat(System.getProperty("user.name")).as("namespaces need root").isEqualTo("root");
    node =
        new TestNode(
            directory, List.of("--policy", "on", "--cooldown", "1", "--address-timeout", "5"));
    node.kube()
        .objects()
        .create(
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: closed, namespace: default}
            spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
            """);
  }

  @AfterEach
  void stop() throws Exception {
    if (node != null) {
      node.close();
    }
  }

  private void await(String what, Callable<Boolean> condition) throws Exception {
    Instant deadline = Instant.now().plusSeconds(30);
    while (!condition.call()) {
      assertThat(Instant.now()).as("waiting for " + what + "\n" + node.log()).isBefore(deadline);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  private String policed() throws Exception {
    return node.inNode("nft", "list", "set", "inet", "portolan", "policed_ingress4");
  }

  @Test
  void policyIsInForceAtTheAddressThatAddWillGive() throws Exception {
    node.supply(1, List.of("10.0.1.1", "10.0.1.2"), List.of());
    String uid = node.apiPod("a", "app: a");
    await("policy of the pod to be", () -> policed().contains("10.0.1.1"));

    node.container("a");
    assertThat(node.addPod("a", uid).output()).contains("10.0.1.1/32");
    String rules = node.inNode("nft", "list", "set", "inet", "portolan", "source4");
    assertThat(rules).contains("10.0.1.1").doesNotContain("10.0.1.2");
  }

  @Test
  void whatWasKeptIsFreeAgainWhenThePodGoesWithoutAdd() throws Exception {
    node.supply(1, List.of("10.0.1.1"), List.of());
    node.apiPod("a", "app: a");
    await("policy of the pod to be", () -> policed().contains("10.0.1.1"));
    node.kube().objects().deleteNow("pods", "default", "pod-a");
    await("its end", () -> !policed().contains("10.0.1.1"));

    String uid = node.apiPod("b", "app: b");
    node.container("b");
    assertThat(node.addPod("b", uid).output()).contains("10.0.1.1/32");
  }

  /** A pod of a file is known to the runtime by the file's hash; its mirror in the API names it. */
  @Test
  void aStaticPodIsServedToo() throws Exception {
    node.supply(1, List.of("10.0.1.1"), List.of());
    node.kube()
        .objects()
        .create(
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: pod-a
              namespace: default
              annotations: {kubernetes.io/config.mirror: 0123456789abcdef0123456789abcdef}
            spec: {nodeName: node-1, containers: [{name: c, image: i}]}
            """);
    await("policy of the pod to be", () -> policed().contains("10.0.1.1"));

    node.container("a");
    assertThat(node.addPod("a", "0123456789abcdef0123456789abcdef").output())
        .contains("10.0.1.1/32");
  }

  @Test
  void aPodWithAnotherFirstInterfaceKeepsNothing() throws Exception {
    node.supply(1, List.of("10.0.1.1"), List.of());
    String uid = node.apiPod("a", "app: a");
    await("policy of the pod to be", () -> policed().contains("10.0.1.1"));

    node.container("a");
    assertThat(node.addPod("a", "net1", uid).output()).contains("10.0.1.1/32");
  }

  @Test
  void killedWhileItKeepsAddressesItKeepsThemAnew() throws Exception {
    node.supply(1, List.of("10.0.1.1", "10.0.1.2"), List.of());
    String uid = node.apiPod("a", "app: a");
    await("policy of the pod to be", () -> policed().contains("10.0.1.1"));
    node.killAgent();
    node.kube().objects().deleteNow("pods", "default", "pod-a");
    String other = node.apiPod("b", "app: b");
    node.startAgent();

    node.container("b");
    assertThat(node.addPod("b", other).output()).contains("10.0.1.1/32");
    assertThat(uid).isNotEqualTo(other);
    await("only b", () -> !policed().contains("10.0.1.2") && policed().contains("10.0.1.1"));
  }

  @Test
  void afterARestartOfTheMachineAddressesRestFirst() throws Exception {
    node.supply(1, List.of("10.0.1.1"), List.of());
    String uid = node.apiPod("a", "app: a");
    node.container("a");
    assertThat(node.addPod("a", uid).output()).contains("10.0.1.1/32");
    assertThat(node.cni("DEL", "a").ok()).isTrue();
    node.killAgent();
    // Another boot, by the mark; this machine started longer ago than addresses rest.
    Path mark = directory.resolve("state/boot");
    assertThat(Files.readString(mark)).isNotEmpty();
    Files.writeString(mark, "another boot");
    node.startAgent();

    await("an address", () -> node.addPod("a", uid).ok());
    assertThat(Files.readString(mark)).isNotEqualTo("another boot");
  }
}
