package io.portolan.node.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real agent puts the real shim where a runtime looks for it. */
@Timeout(300)
class NodeInstallationNetnsIT {
  private static final Path ROOT = Path.of(System.getProperty("portolan.root"));

  @TempDir Path directory;
  private Path bin;
  private Path conf;

  @SuppressWarnings("NullAway.Init")
  private TestNode node;

  @BeforeEach
  void prepare() throws Exception {
    assumeThat(System.getProperty("user.name")).as("namespaces need root").isEqualTo("root");
    bin = Files.createDirectories(directory.resolve("bin"));
    conf = Files.createDirectories(directory.resolve("conf"));
  }

  @AfterEach
  void stop() throws Exception {
    if (node != null) {
      node.close();
    }
  }

  private List<String> options(String daemonSet) {
    List<String> options = new ArrayList<>(List.of("--policy", "off", "--sysctl-dir"));
    options.add("/proc/sys/net");
    options.addAll(
        List.of("--cni-install", ROOT.resolve("deploy/cni/10-portolan.conflist").toString()));
    options.addAll(List.of("--cni-shim", ROOT.resolve("node-agent/target/portolan-cni") + ""));
    options.addAll(List.of("--cni-bin-dir", bin.toString(), "--cni-conf-dir", conf.toString()));
    options.addAll(List.of("--daemon-set", daemonSet, "--startup-taint", "portolan.io/not-ready"));
    return options;
  }

  private void await(String what, Callable<Boolean> condition) throws Exception {
    Instant deadline = Instant.now().plusSeconds(30);
    while (!condition.call()) {
      assertThat(Instant.now()).as("waiting for " + what + "\n" + node.log()).isBefore(deadline);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  private void cluster() {
    node.kube()
        .objects()
        .create(
            """
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: portolan-agent, namespace: kube-system}
            """);
    node.kube()
        .objects()
        .create(
            """
            apiVersion: v1
            kind: Node
            metadata: {name: node-1}
            spec: {taints: [{key: portolan.io/not-ready, effect: NoSchedule}]}
            """);
  }

  @Test
  void comesWithTheFirstAddressStaysOverRestartsAndGoesWithTheDaemonSet() throws Exception {
    node = new TestNode(directory, options("kube-system/portolan-agent"));
    cluster();
    await(
        "the reason",
        () ->
            node.log()
                .contains(
                    "the CNI plugin is not installed: pods cannot have a network yet: the cloud"
                        + " has"));
    assertThat(conf).isEmptyDirectory();

    node.supply(1, List.of("10.0.1.1"), List.of());
    await("the configuration", () -> Files.exists(conf.resolve("10-portolan.conflist")));
    assertThat(bin.resolve("portolan-cni"))
        .isExecutable()
        .hasSameBinaryContentAs(ROOT.resolve("node-agent/target/portolan-cni"));
    await(
        "the taint to go",
        () ->
            node.kube()
                .objects()
                .get("nodes", "", "node-1")
                .orElseThrow()
                .path("spec")
                .path("taints")
                .isEmpty());

    node.stopAgent();
    assertThat(conf.resolve("10-portolan.conflist")).exists();
    assertThatThrownBy(() -> node.startAgent(options("net/portolan-agent")))
        .hasMessageContaining("this node belongs to the installation kube-system/portolan-agent");

    node.startAgent(options("kube-system/portolan-agent"));
    await("the DaemonSet to be seen", () -> seen(2));
    node.kube().objects().deleteNow("daemonsets.apps", "kube-system", "portolan-agent");
    node.stopAgent();
    assertThat(conf).isEmptyDirectory();
    assertThat(bin).isEmptyDirectory();
  }

  private boolean seen(int times) throws Exception {
    return node.log().split("serving node-1", -1).length > times;
  }

  @Test
  void aReadOnlyDirectoryIsNamedAndPodsAreServed() throws Exception {
    node =
        new TestNode(
            directory, options("kube-system/portolan-agent"), "mount -t tmpfs -o ro tmpfs " + conf);
    cluster();
    node.supply(1, List.of("10.0.1.1"), List.of());
    await(
        "the reason",
        () ->
            node.log()
                .contains(
                    "the CNI plugin is not installed: "
                        + conf.resolve("10-portolan.conflist.new")
                        + ": Read-only file system"));
    assertThat(node.cni("STATUS", "x").ok()).isTrue();
  }
}
