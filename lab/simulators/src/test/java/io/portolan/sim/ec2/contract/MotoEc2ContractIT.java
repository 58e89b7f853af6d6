package io.portolan.sim.ec2.contract;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;

/** The contract against moto's server, where Python is at hand. */
class MotoEc2ContractIT extends Ec2Contract {
  private static final Duration START = Duration.ofSeconds(60);

  private Optional<Process> moto = Optional.empty();

  @Override
  URI endpoint() throws Exception {
    String python = PythonTools.interpreter();
    int port = freePort();
    Path log = Files.createTempFile("moto", ".log");
    Process process =
        new ProcessBuilder(
                python, "-m", "moto.server", "-H", "127.0.0.1", "-p", String.valueOf(port))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    moto = Optional.of(process);
    awaitListening(process, port, log);
    return URI.create("http://127.0.0.1:" + port);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void awaitListening(Process process, int port, Path log)
      throws IOException, InterruptedException {
    Instant deadline = Instant.now().plus(START);
    while (Instant.now().isBefore(deadline) && process.isAlive()) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
        return;
      } catch (IOException notYet) {
        process.waitFor(Duration.ofMillis(50));
      }
    }
    process.destroyForcibly();
    throw new IOException("moto did not start: " + Files.readString(log));
  }

  @AfterAll
  void stop() {
    moto.ifPresent(Process::destroyForcibly);
  }
}
