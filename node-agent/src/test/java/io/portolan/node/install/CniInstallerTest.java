package io.portolan.node.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.kube.KubeClient;
import io.portolan.sim.kube.ApiOptions;
import io.portolan.sim.kube.KubeApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The installer against directories and a simulated API server, one look at a time. */
final class CniInstallerTest {
  @TempDir Path directory;
  private KubeApiServer kube;
  private KubeClient client;
  private CniInstaller installer;
  private Optional<String> unready = Optional.of("no address");

  @BeforeEach
  void start() throws IOException {
    kube = KubeApiServer.start(ApiOptions.DEFAULT);
    client = KubeClient.to(kube.url(), Optional.empty(), "test");
    kube.objects()
        .create(
            """
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: portolan-agent, namespace: kube-system}
            """);
    kube.objects()
        .create(
            """
            apiVersion: v1
            kind: Node
            metadata: {name: node-1}
            spec:
              taints:
                - {key: portolan.io/not-ready, effect: NoExecute}
                - {key: other, value: x, effect: NoSchedule}
            """);
    Files.writeString(
        directory.resolve("10-portolan.conflist"),
        "{\"name\":\"portolan\",\"plugins\":[{\"type\":\"portolan-cni\"}]}");
    Files.writeString(directory.resolve("shim"), "first");
    installer = installer();
  }

  @AfterEach
  void stop() {
    client.close();
    kube.close();
  }

  private InstallSettings settings(String daemonSet) {
    return new InstallSettings(
        Installation.parse(daemonSet),
        directory.resolve("10-portolan.conflist"),
        directory.resolve("shim"),
        directory.resolve("bin"),
        directory.resolve("conf"),
        Optional.of("portolan.io/not-ready"));
  }

  private CniInstaller installer() {
    return new CniInstaller(
        settings("kube-system/portolan-agent"), client, "node-1", () -> unready);
  }

  /** Every file with its permissions, and the node's taints. */
  private String state() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String name : new String[] {"bin", "conf"}) {
      Path files = directory.resolve(name);
      if (Files.exists(files)) {
        try (Stream<Path> found = Files.list(files)) {
          for (Path file : found.sorted().toList()) {
            text.append(name).append('/').append(file.getFileName()).append(' ');
            text.append(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            text.append('\n');
          }
        }
      }
    }
    kube.objects()
        .get("nodes", "", "node-1")
        .orElseThrow()
        .path("spec")
        .path("taints")
        .forEach(t -> text.append("taint ").append(t.path("key").asText()).append('\n'));
    return text.toString();
  }

  private static final String TAINTED = "taint portolan.io/not-ready\ntaint other\n";
  private static final String INSTALLED =
      """
      bin/portolan-cni rwxr-xr-x
      conf/10-portolan.conflist rw-------
      """;

  @Test
  void putsNothingBeforePodsCanHaveANetworkAndThenAll() throws IOException {
    assertThat(installer.step()).isFalse();
    assertThat(state()).isEqualTo(TAINTED);
    assertThat(installer.problem())
        .contains("the CNI plugin is not installed: pods cannot have a network yet: no address");

    unready = Optional.empty();
    assertThat(installer.step()).isTrue();
    assertThat(state()).isEqualTo(INSTALLED + "taint other\n");
    assertThat(installer.problem()).isEmpty();
  }

  /** The shim and the agent of one release belong together; a configuration may change, too. */
  @Test
  void anEarlierReleaseIsReplacedAtOnce() throws IOException {
    unready = Optional.empty();
    installer.step();
    Files.writeString(directory.resolve("shim"), "second");
    Files.writeString(
        directory.resolve("10-portolan.conflist"),
        "{\"name\":\"changed\",\"plugins\":[{\"type\":\"portolan-cni\"}]}");
    unready = Optional.of("no address");

    installer = installer();
    installer.step();

    assertThat(Files.readString(directory.resolve("bin/portolan-cni"))).isEqualTo("second");
    assertThat(directory.resolve("conf/10-portolan.conflist")).content().contains("changed");
  }

  @Test
  void whatSomebodyTakesAwayIsPutAgain() throws IOException {
    unready = Optional.empty();
    installer.step();
    Files.delete(directory.resolve("conf/10-portolan.conflist"));
    Files.delete(directory.resolve("bin/portolan-cni"));

    installer.step();

    assertThat(state()).isEqualTo(INSTALLED + "taint other\n");
  }

  /** A crash between the two leaves a plugin that nobody runs. */
  @Test
  void thePluginIsThereBeforeItsConfiguration() throws IOException {
    unready = Optional.empty();
    // Where the draft of the configuration is to be.
    Files.createDirectories(directory.resolve("conf/10-portolan.conflist.new"));

    assertThat(installer.step()).isFalse();
    assertThat(directory.resolve("bin/portolan-cni")).exists();
    assertThat(installer.problem().orElseThrow()).contains("10-portolan.conflist.new");

    assertThat(installer.step()).isTrue();
    assertThat(state()).isEqualTo(INSTALLED + "taint other\n");
  }

  @Test
  void anUpdateLeavesTheFilesAndAnUninstallationTakesThem() throws IOException {
    unready = Optional.empty();
    installer.step();
    installer.close();
    assertThat(state()).as("stopped for an update").isEqualTo(INSTALLED + "taint other\n");

    installer = installer();
    installer.step();
    Files.writeString(directory.resolve("conf/99-other.conflist"), "{}");
    kube.objects().deleteNow("daemonsets.apps", "kube-system", "portolan-agent");
    installer.close();
    assertThat(state()).contains("conf/99-other.conflist").doesNotContain("portolan-cni");
    assertThat(directory.resolve("conf/10-portolan.conflist")).doesNotExist();
  }

  @Test
  void whileTheApiServerIsAwayTheFilesStay() throws IOException {
    unready = Optional.empty();
    installer.step();
    kube.faults().down(Duration.ofMinutes(5));
    installer.close();
    assertThat(state()).isEqualTo(INSTALLED + "taint other\n");
  }

  @Test
  void theTaintIsTakenAsSoonAsTheApiServerIsBack() throws IOException {
    unready = Optional.empty();
    kube.faults().down(Duration.ofMinutes(5));
    assertThat(installer.step()).isFalse();
    assertThat(state()).isEqualTo(INSTALLED + TAINTED);
    assertThat(installer.problem().orElseThrow())
        .startsWith("the taint portolan.io/not-ready cannot be taken from the node: UNAVAILABLE");

    kube.faults().none();
    assertThat(installer.step()).isTrue();
    assertThat(state()).isEqualTo(INSTALLED + "taint other\n");
  }

  @Test
  void aSecondInstallationIsRefused() throws IOException {
    unready = Optional.empty();
    installer.step();
    String reason =
        "this node belongs to the installation kube-system/portolan-agent, which put"
            + " 10-portolan.conflist; uninstall that one, or delete the file if it is gone already";

    assertThat(CniInstaller.refusal(settings("net/portolan-agent"))).contains(reason);
    assertThat(CniInstaller.refusal(settings("kube-system/portolan-agent"))).isEmpty();
    CniInstaller second =
        new CniInstaller(settings("net/portolan-agent"), client, "node-1", () -> unready);
    assertThat(second.step()).isFalse();
    assertThat(second.problem()).contains("the CNI plugin is not installed: " + reason);
    second.close();
    assertThat(state()).as("the first one's files").startsWith(INSTALLED);
  }
}
