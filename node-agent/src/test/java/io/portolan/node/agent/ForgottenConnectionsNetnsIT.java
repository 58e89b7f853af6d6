package io.portolan.node.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel knows of connections of pods that are gone. */
@Timeout(300)
final class ForgottenConnectionsNetnsIT {
  @TempDir Path directory;
  private TestNode node;

  @BeforeEach
  void start() throws Exception {
    assumeThat(System.getProperty("user.name")).as("namespaces need root").isEqualTo("root");
    node = new TestNode(directory, List.of("--cooldown", "0"));
    node.supply(1, List.of("10.0.1.1"), List.of());
    node.awaitSupply();
  }

  @AfterEach
  void stop() throws Exception {
    if (node != null) {
      node.close();
    }
  }

  @Test
  void theNextPodWithTheAddressInheritsNoneOfThem() throws Exception {
    add("a");
    remember();
    assertThat(node.cni("DEL", "a").ok()).isTrue();
    add("b");
    assertThat(known()).doesNotContain("10.0.1.1").contains("10.0.9.9");
  }

  @Test
  void anAgentThatIsKilledBeforeItRemovedThemDoesWhenItStartsAgain() throws Exception {
    add("a");
    remember();
    assertThat(node.cni("DEL", "a").ok()).isTrue();
    node.killAgent();
    node.startAgent();
    add("b");
    assertThat(known()).doesNotContain("10.0.1.1").contains("10.0.9.9");
  }

  private void add(String pod) throws Exception {
    String uid = node.apiPod(pod, "app: a");
    node.container(pod);
    Instant deadline = Instant.now().plusSeconds(60);
    TestNode.Ran ran = node.addPod(pod, uid);
    while (!ran.ok() && Instant.now().isBefore(deadline)) {
      node.cni("DEL", pod);
      TimeUnit.MILLISECONDS.sleep(50);
      ran = node.addPod(pod, uid);
    }
    assertThat(ran.output()).contains("10.0.1.1/32");
  }

  /** A connection of the pod's address, and one of somebody else. */
  private void remember() throws Exception {
    for (String source : List.of("10.0.1.1", "10.0.9.9")) {
      String[] command =
          ("conntrack -I -p udp -s " + source + " -d 192.0.2.1 --sport 1000 --dport 53 -t 600")
              .split(" ", -1);
      node.inNode(command);
    }
    assertThat(known()).contains("10.0.1.1").contains("10.0.9.9");
  }

  private String known() throws Exception {
    return node.inNode("conntrack", "-L");
  }
}
