package io.portolan.common.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * {@code /healthz}, {@code /readyz} and {@code /metrics} over plain HTTP.
 *
 * <p>Both health pages answer 200 if every check passes and 503 otherwise, with a line per check:
 *
 * <pre>
 *   [+] leases ok
 *   [-] watch of nodes: connection refused
 * </pre>
 *
 * <p>Nodes bind it to loopback, because metrics tell about a cluster.
 */
public final class HealthServer implements AutoCloseable {
  private final HttpServer http;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("health-", 0).factory());
  private final Map<String, Check> liveness = new ConcurrentSkipListMap<>();
  private final Map<String, Check> readiness = new ConcurrentSkipListMap<>();

  private HealthServer(HttpServer http, Supplier<String> metrics) {
    this.http = http;
    http.setExecutor(threads);
    http.createContext("/healthz", exchange -> health(exchange, liveness, true));
    http.createContext("/readyz", exchange -> health(exchange, readiness, false));
    http.createContext(
        "/metrics",
        exchange ->
            answer(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.get()));
    http.start();
  }

  /** One named claim about the process; called at any time, from any thread, and must not block. */
  public interface Check {
    /** What is wrong, for people; empty if nothing is. */
    Optional<String> problem();
  }

  /**
   * Starts serving. Before there is any check, /healthz answers 200, /readyz 503: the process has
   * not come so far that anybody knows whether it is ready.
   *
   * @param address port 0 for a free one
   * @throws IOException if the address cannot be bound
   */
  public static HealthServer start(InetSocketAddress address, Meters meters) throws IOException {
    return new HealthServer(HttpServer.create(address, 16), meters::scrape);
  }

  /** While it fails, the process should be restarted. */
  public HealthServer liveness(String name, Check check) {
    liveness.put(name, check);
    return this;
  }

  /** While it fails, the process is not to be relied on. */
  public HealthServer readiness(String name, Check check) {
    readiness.put(name, check);
    return this;
  }

  /**
   * Serves another page.
   *
   * @param path such as {@code /policy/counts}
   * @param text made anew for every request, from any thread
   */
  public HealthServer page(String path, String type, Supplier<String> text) {
    http.createContext(path, exchange -> answer(exchange, 200, type, text.get()));
    return this;
  }

  public InetSocketAddress address() {
    return http.getAddress();
  }

  private static void health(HttpExchange exchange, Map<String, Check> checks, boolean unchecked)
      throws IOException {
    StringBuilder text = new StringBuilder();
    boolean healthy = unchecked || !checks.isEmpty();
    if (!healthy) {
      text.append("[-] start: under way\n");
    }
    for (Map.Entry<String, Check> entry : checks.entrySet()) {
      Optional<String> problem = entry.getValue().problem();
      healthy &= problem.isEmpty();
      text.append(problem.isEmpty() ? "[+] " : "[-] ").append(entry.getKey());
      text.append(problem.map(p -> ": " + p).orElse(" ok")).append('\n');
    }
    text.append(healthy ? "ok\n" : "failed\n");
    answer(exchange, healthy ? 200 : 503, "text/plain; charset=utf-8", text.toString());
  }

  private static void answer(HttpExchange exchange, int code, String type, String text)
      throws IOException {
    try (exchange) {
      if (!exchange.getRequestMethod().equals("GET")) {
        exchange.sendResponseHeaders(405, -1);
        return;
      }
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(code, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
