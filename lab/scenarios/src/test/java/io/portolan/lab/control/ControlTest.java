package io.portolan.lab.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ControlTest {
  @TempDir Path root;

  @Test
  void execCarriesStreamsAndTheExitCode() throws Exception {
    try (LabDirectory directory = LabDirectory.claim(root, "aws").orElseThrow();
        ControlServer server = ControlServer.start(directory.controlSocket(), new Shell())) {
      assertThat(
              run(
                  directory,
                  "node-1",
                  "read word; echo out $word; echo err >&2; exit 3",
                  "hello\n"))
          .isEqualTo("out hello\n|err\n|3");
      assertThat(Files.getPosixFilePermissions(directory.controlSocket())).hasSize(2);
      assertThat(server).isNotNull();
    }
  }

  @Test
  void anUnknownTargetIsAnErrorThatNamesWhatThereIs() throws Exception {
    try (LabDirectory directory = LabDirectory.claim(root, "aws").orElseThrow();
        ControlServer server = ControlServer.start(directory.controlSocket(), new Shell())) {
      assertThat(run(directory, "node-9", "true", ""))
          .isEqualTo("|portolan: there is no 'node-9'; there is: node-1\n|126");
      assertThat(server).isNotNull();
    }
  }

  @Test
  void downReachesTheLab() throws Exception {
    Shell shell = new Shell();
    try (LabDirectory directory = LabDirectory.claim(root, "aws").orElseThrow();
        ControlServer server = ControlServer.start(directory.controlSocket(), shell)) {
      ControlClient.down(directory.controlSocket());
      assertThat(shell.down.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(server).isNotNull();
    }
  }

  @Test
  void aSecondLabOfTheNameIsRefusedWhileTheFirstRuns() throws Exception {
    try (LabDirectory directory = LabDirectory.claim(root, "aws").orElseThrow()) {
      assertThat(LabDirectory.claim(root, "aws")).isEmpty();
      assertThat(LabDirectory.sweep(root)).isEmpty();
      assertThat(Files.exists(directory.path())).isTrue();
    }
    assertThat(Files.exists(root.resolve("aws"))).isFalse();
  }

  @Test
  void whatAKilledLabLeftIsFoundAndRemoved() throws Exception {
    Path left = Files.createDirectories(root.resolve("aws/netns"));
    Files.writeString(left.resolve("node-1"), "");
    assertThat(LabDirectory.sweep(root)).containsExactly("aws");
    assertThat(Files.exists(root.resolve("aws"))).isFalse();
  }

  private static String run(LabDirectory directory, String target, String script, String input)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        ControlClient.exec(
            directory.controlSocket(),
            target,
            List.of("sh", "-c", script),
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return out.toString(StandardCharsets.UTF_8)
        + "|"
        + err.toString(StandardCharsets.UTF_8)
        + "|"
        + code;
  }

  /** A lab with one node, whose namespace is this one. */
  private static final class Shell implements ControlServer.Inside {
    private final CountDownLatch down = new CountDownLatch(1);

    @Override
    public Process exec(String target, List<String> command) throws IOException {
      if (!target.equals("node-1")) {
        throw new IllegalArgumentException("there is no '" + target + "'; there is: node-1");
      }
      return new ProcessBuilder(command).start();
    }

    @Override
    public void down() {
      down.countDown();
    }
  }
}
