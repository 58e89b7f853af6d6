package io.portolan.node.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The agent's state on a disk of 512 KiB that somebody else fills. */
@Timeout(300)
class FullDiskNetnsIT {
  @TempDir Path directory;
  private TestNode node;

  @BeforeEach
  void start() throws Exception {
    assumeThat(System.getProperty("user.name")).as("namespaces need root").isEqualTo("root");
    node =
        new TestNode(
            directory,
            List.of("--policy", "off", "--cooldown", "0", "--address-timeout", "2"),
            "mount -t tmpfs -o size=512k tmpfs " + directory.resolve("state"));
    node.supply(1, List.of("10.0.1.1", "10.0.1.2"), List.of());
    // An agent that alone sees its disk does not see namespaces that are mounted later.
    node.container("runs");
    node.container("new");
    node.killAgent();
    node.startAgent();
    await("the supply", () -> node.cni("STATUS", "x").ok());
  }

  @AfterEach
  void stop() throws Exception {
    if (node != null) {
      node.close();
    }
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    Instant deadline = Instant.now().plusSeconds(60);
    while (!condition.call()) {
      assertThat(Instant.now()).as("waiting for %s", what).isBefore(deadline);
    }
  }

  /** Writes until nothing more fits. */
  private void fill() throws IOException {
    try (FileChannel file =
        FileChannel.open(
            node.state().resolve("filler"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      while (file.write(ByteBuffer.allocate(4096)) > 0) {}
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left on device");
    }
  }

  @Test
  void saysSoKeepsWhatRunsAndRecoversByItself() throws Exception {
    assertThat(node.cni("ADD", "runs").ok()).isTrue();
    fill();

    assertThat(node.cni("STATUS", "x"))
        .isEqualTo(
            new TestNode.Ran(
                1,
                "{\"cniVersion\":\"1.1.0\",\"code\":50,\"msg\":\"the node agent cannot write to "
                    + directory.resolve("state")
                    + ": No space left on device\",\"details\":\"free space there, or mount it"
                    + " writable again; running pods are not affected\"}\n"));

    // The journal's last page has room for some more records; then ADD fails, and clearly.
    TestNode.Ran add = node.cni("ADD", "new");
    for (int i = 0; i < 60 && add.ok(); i++) {
      assertThat(node.cni("DEL", "new").ok()).isTrue();
      add = node.cni("ADD", "new");
    }
    assertThat(add.output())
        .contains("\"code\":5,\"msg\":\"the node agent's journal cannot be written; running pods")
        .contains("No space left on device");
    // The link of the DEL before it goes a moment later.
    await("no link", () -> !node.inContainer("new", "ip", "-o", "link").contains("eth0"));
    assertThat(node.inContainer("runs", "ip", "-o", "addr")).contains("10.0.1.1");
    assertThat(node.cni("DEL", "new")).as("DEL of nothing").isEqualTo(new TestNode.Ran(0, ""));
    assertThat(node.cni("DEL", "runs")).as("DEL works").isEqualTo(new TestNode.Ran(0, ""));

    // A new supply meanwhile: not used before it is on disk, and not lost.
    node.supply(2, List.of("10.0.1.9"), List.of());
    await("the attempt", () -> node.log().contains("supply 2 cannot be written to disk"));
    assertThat(Files.readString(node.state().resolve("supply.json"))).doesNotContain("10.0.1.9");

    assertThat(node.state().resolve("supply.json.new")).doesNotExist();

    Files.delete(node.state().resolve("filler"));
    await("the recovery", () -> node.cni("STATUS", "x").ok());
    await(
        "the supply to be on disk",
        () -> Files.readString(node.state().resolve("supply.json")).contains("10.0.1.9"));
    await(
        "the supply to be in use",
        () -> {
          TestNode.Ran ran = node.cni("ADD", "new");
          if (!ran.output().contains("10.0.1.9")) {
            node.cni("DEL", "new");
            return false;
          }
          return true;
        });
    assertThat(node.state().resolve("probe")).doesNotExist();
  }
}
