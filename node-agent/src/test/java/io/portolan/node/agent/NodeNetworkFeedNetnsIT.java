package io.portolan.node.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the agent writes into its NodeNetwork, whatever happens to the object and to the watch. */
@Timeout(300)
class NodeNetworkFeedNetnsIT {
  private static final String NETWORKS = "nodenetworks.portolan.io";

  @TempDir Path directory;
  private TestNode node;

  @BeforeEach
  void start() throws Exception {
    assumeThat(System.getProperty("user.name")).as("namespaces need root").isEqualTo("root");
    node = new TestNode(directory, List.of("--policy", "off"));
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

  private JsonNode use() {
    return node.kube()
        .objects()
        .get(NETWORKS, "", TestNode.NODE)
        .<JsonNode>map(object -> object.path("status").path("use"))
        .orElse(MissingNode.getInstance());
  }

  /** The event of the old object's end never comes: the watch begins anew with a list. */
  @Test
  void anObjectMadeAnewWhileTheApiServerWasAwayHearsOfTheUse() throws Exception {
    // So that nothing is owed any more when the answer is there.
    await("the first status", () -> !use().isMissingNode());
    String release = ",\"releasing\":[{\"cidr\":\"10.0.1.2/32\",\"epoch\":1}]";
    node.supply(1, List.of("10.0.1.1", "10.0.1.2"), List.of(release));
    await("the answer", () -> use().path("released").size() == 1);
    JsonNode before = use();

    node.kube().faults().down(Duration.ofSeconds(2));
    await("the agent to notice", () -> node.log().contains("not reachable"));
    node.kube().objects().deleteNow(NETWORKS, "", TestNode.NODE);
    node.kube()
        .objects()
        .create(
            """
            apiVersion: portolan.io/v1alpha1
            kind: NodeNetwork
            metadata: {name: node-1}
            spec: {provider: aws}
            """);
    node.supply(1, List.of("10.0.1.1", "10.0.1.2"), List.of(release));
    node.kube().objects().compact();

    await("the answer in the new object", () -> use().equals(before));
    await("the end of it in the log", () -> node.log().contains("connected again"));
  }
}
