package io.portolan.node.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The C shim and the server's end of its socket, in every way the two can meet. */
@Timeout(60)
class ShimTest {
  private static final Path SHIM =
      Path.of(System.getProperty("portolan.root"), "node-agent", "target", "portolan-cni");
  private static final String CONFIG = "{\"cniVersion\":\"1.0.0\",\"name\":\"portolan\"}";

  /** Not the common pool: with two processors that is one thread, which an accept would occupy. */
  private static final Executor OWN_THREAD = task -> Thread.ofVirtual().start(task);

  @TempDir Path directory;

  /** What the shim printed and returned. */
  private record Ran(int exitCode, String output) {}

  private Ran shim(Map<String, String> environment, byte[] input) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(SHIM.toString());
    builder.environment().clear();
    builder.environment().put("PORTOLAN_CNI_SOCKET", directory.resolve("cni.sock").toString());
    builder.environment().put("PORTOLAN_CNI_TIMEOUT_SECONDS", "60");
    builder.environment().putAll(environment);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    CompletableFuture<Void> written =
        CompletableFuture.runAsync(
            () -> {
              try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(input);
              } catch (IOException e) {
                // The shim may answer without reading to the end.
              }
            },
            OWN_THREAD);
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    written.get(20, TimeUnit.SECONDS);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return new Ran(process.exitValue(), output);
  }

  private Ran shim(String command) throws Exception {
    return shim(Map.of("CNI_COMMAND", command), CONFIG.getBytes(StandardCharsets.UTF_8));
  }

  private CniServer server(CniHandler handler) throws IOException {
    return server(handler, Duration.ofSeconds(30));
  }

  private CniServer server(CniHandler handler, Duration patience) throws IOException {
    return CniServer.open(
        directory.resolve("cni.sock"), new CniProtocol(handler, (_, _, _) -> {}), patience);
  }

  @Test
  void carriesEnvironmentAndInputAndBringsTheAnswerBack() throws Exception {
    List<CniRequest> seen = new ArrayList<>();
    try (CniServer server =
        server(request -> {
          seen.add(request);
          return new CniAnswer.Failed(CniErrorCode.TRY_AGAIN_LATER, "später");
        })) {
      assertThat(server).isNotNull();
      Ran ran =
          shim(
              Map.of(
                  "CNI_COMMAND", "ADD",
                  "CNI_CONTAINERID", "c1",
                  "CNI_NETNS", "/run/netns/ü",
                  "CNI_IFNAME", "eth0"),
              CONFIG.getBytes(StandardCharsets.UTF_8));
      assertThat(ran)
          .isEqualTo(new Ran(1, "{\"cniVersion\":\"1.0.0\",\"code\":11,\"msg\":\"später\"}\n"));
      assertThat(seen).singleElement().asString().contains("netns=/run/netns/ü");
    }
  }

  @Test
  void printsNothingAndExitsZeroOnSuccessWithoutResult() throws Exception {
    try (CniServer server = server(request -> new CniAnswer.Done())) {
      assertThat(server).isNotNull();
      assertThat(
              shim(
                  Map.of("CNI_COMMAND", "DEL", "CNI_CONTAINERID", "c1", "CNI_IFNAME", "eth0"),
                  CONFIG.getBytes(StandardCharsets.UTF_8)))
          .isEqualTo(new Ran(0, ""));
    }
  }

  @Test
  void answersByItselfWhereNoAgentListens() throws Exception {
    Path socket = directory.resolve("cni.sock");
    assertThat(shim("ADD"))
        .isEqualTo(
            new Ran(
                1,
                "{\"cniVersion\":\"1.0.0\",\"code\":11,\"msg\":\"the node agent does not answer\","
                    + "\"details\":\"cannot connect to the node agent at "
                    + socket
                    + ": No such file or directory\"}\n"));
    assertThat(shim("STATUS").output()).contains("\"code\":50");
    assertThat(shim("VERSION"))
        .isEqualTo(
            new Ran(
                0,
                "{\"cniVersion\":\"1.0.0\",\"supportedVersions\":"
                    + "[\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}\n"));
  }

  @Test
  void saysVersionAsTheAgentDoes() throws Exception {
    Ran alone = shim("VERSION");
    try (CniServer server = server(request -> new CniAnswer.Done())) {
      assertThat(server).isNotNull();
      assertThat(shim("VERSION")).isEqualTo(alone);
    }
  }

  @Test
  void explainsAMissingCommandAndAPathTooLongForASocket() throws Exception {
    assertThat(shim(Map.of(), new byte[0]).output()).contains("\"code\":4");
    Ran ran =
        shim(
            Map.of("CNI_COMMAND", "ADD", "PORTOLAN_CNI_SOCKET", "/" + "x".repeat(200)),
            new byte[0]);
    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.output()).containsAnyOf("File name too long", "Filename too long");
  }

  @Test
  void refusesMoreInputThanItWouldEverCarry() throws Exception {
    Ran ran = shim(Map.of("CNI_COMMAND", "ADD"), new byte[17 << 20]);
    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.output())
        .contains("\"code\":6")
        .contains("more than 16777216 bytes on standard input");
  }

  @Test
  void bringsBackTheAgentsRefusalOfALongRequest() throws Exception {
    try (CniServer server = server(request -> new CniAnswer.Done())) {
      assertThat(server).isNotNull();
      Ran ran = shim(Map.of("CNI_COMMAND", "ADD"), new byte[8 << 20]);
      assertThat(ran.exitCode()).isEqualTo(1);
      assertThat(ran.output()).contains("\"code\":6").contains("at most 1048576 are accepted");
    }
  }

  @Test
  void givesUpOnAnAgentThatNeverAnswersAndOnOneThatDies() throws Exception {
    Path socket = directory.resolve("cni.sock");
    try (ServerSocketChannel mute = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      mute.bind(UnixDomainSocketAddress.of(socket));
      assertThat(
              shim(
                      Map.of("CNI_COMMAND", "ADD", "PORTOLAN_CNI_TIMEOUT_SECONDS", "2"),
                      CONFIG.getBytes(StandardCharsets.UTF_8))
                  .output())
          .contains("\"code\":11")
          .contains("time is up");
      CompletableFuture<Void> died =
          CompletableFuture.runAsync(
              () -> {
                try {
                  mute.accept().close();
                  mute.accept().close();
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              },
              OWN_THREAD);
      assertThat(shim("ADD").output())
          .contains("\"code\":11")
          .containsAnyOf("onnection reset", "Broken pipe");
      died.cancel(true);
    }
    Files.delete(socket);
  }

  @Test
  void answersABugWithAnInternalError() throws Exception {
    try (CniServer server =
        server(request -> {
          throw new IllegalStateException("boom");
        })) {
      assertThat(server).isNotNull();
      Ran ran =
          shim(
              Map.of("CNI_COMMAND", "DEL", "CNI_CONTAINERID", "c1", "CNI_IFNAME", "eth0"),
              CONFIG.getBytes(StandardCharsets.UTF_8));
      assertThat(ran.output()).contains("\"code\":999").contains("boom");
    }
  }

  @Test
  void dropsAPeerThatStallsAndOneThatTalksNonsenseAndServesTheNext() throws Exception {
    Path socket = directory.resolve("cni.sock");
    try (CniServer server = server(request -> new CniAnswer.Done(), Duration.ofSeconds(1))) {
      assertThat(server).isNotNull();
      try (SocketChannel stalled = SocketChannel.open(UnixDomainSocketAddress.of(socket));
          SocketChannel garbled = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
        stalled.write(ByteBuffer.wrap(new byte[] {0, 0}));
        garbled.write(ByteBuffer.wrap(new byte[] {-1, -1, -1, -1}));
        assertThat(garbled.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThat(stalled.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      }
      assertThat(shim("VERSION").exitCode()).isZero();
    }
  }

  @Test
  void replacesADeadAgentsSocketButNotALiveOnes() throws Exception {
    Path socket = directory.resolve("cni.sock");
    ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    dead.bind(UnixDomainSocketAddress.of(socket));
    dead.close();
    assertThat(socket).exists();
    try (CniServer server = server(request -> new CniAnswer.Done())) {
      assertThat(server).isNotNull();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
          .isEqualTo("rw-------");
      assertThatThrownBy(() -> server(request -> new CniAnswer.Done()))
          .isInstanceOf(IOException.class)
          .hasMessage("another node agent listens at " + socket);
      assertThat(shim("VERSION").exitCode()).isZero();
    }
    assertThat(socket).doesNotExist();
  }
}
