package io.portolan.linux;

import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.route.LinkChange;
import io.portolan.linux.route.LinkRef;
import io.portolan.linux.route.RouteSocket;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A namespace that ends with the test, its loopback up, and the distribution's tools as independent
 * readers.
 */
public final class TestNamespace implements AutoCloseable {
  private final NetworkNamespace namespace = NetworkNamespace.anonymous();
  private final RouteSocket routes = RouteSocket.openIn(namespace);

  public TestNamespace() {
    routes.change(LinkRef.of(1), LinkChange.UP);
  }

  public NetworkNamespace namespace() {
    return namespace;
  }

  public RouteSocket routes() {
    return routes;
  }

  /** Runs a program inside; its output, errors included, with the blanks at line ends cut off. */
  public String run(String... command) {
    try {
      Process process =
          namespace.call(() -> new ProcessBuilder(command).redirectErrorStream(true).start());
      process.getOutputStream().close();
      try (InputStream output = process.getInputStream()) {
        String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
        int exit = process.waitFor();
        if (exit != 0) {
          throw new AssertionError(List.of(command) + " exited with " + exit + ": " + text);
        }
        return text.lines().map(String::stripTrailing).collect(Collectors.joining("\n"));
      }
    } catch (IOException e) {
      throw new AssertionError(List.of(command) + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Runs a command line without quoting. */
  public String sh(String line) {
    return run(line.split(" "));
  }

  @Override
  public void close() {
    routes.close();
    namespace.close();
  }
}
