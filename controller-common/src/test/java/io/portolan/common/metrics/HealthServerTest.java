package io.portolan.common.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HealthServerTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static String get(HealthServer server, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    HttpResponse<String> response =
        HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    return response.statusCode() + "\n" + response.body();
  }

  private static HealthServer start(Meters meters) throws IOException {
    return HealthServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), meters);
  }

  @Test
  void readinessNamesWhatIsMissing() throws Exception {
    AtomicReference<Optional<String>> problem =
        new AtomicReference<>(Optional.of("not synced yet"));
    try (Meters meters = new Meters("test");
        HealthServer server = start(meters)) {
      assertThat(get(server, "/readyz")).isEqualTo("503\n[-] start: under way\nfailed\n");
      assertThat(get(server, "/healthz")).isEqualTo("200\nok\n");
      server.readiness("watch of nodes", problem::get).readiness("lease", Optional::empty);
      assertThat(get(server, "/readyz"))
          .isEqualTo("503\n[+] lease ok\n[-] watch of nodes: not synced yet\nfailed\n");
      assertThat(get(server, "/healthz")).isEqualTo("200\nok\n");
      problem.set(Optional.empty());
      assertThat(get(server, "/readyz"))
          .isEqualTo("200\n[+] lease ok\n[+] watch of nodes ok\nok\n");
    }
  }

  @Test
  void metersAreScraped() throws Exception {
    try (Meters meters = new Meters("test");
        HealthServer server = start(meters)) {
      meters.cniCalled("ADD", 0, Duration.ofMillis(3));
      meters.cniCalled("ADD", 0, Duration.ofMillis(30));
      meters.poolAddresses("assigned", () -> 42);
      meters.leading(() -> 1);
      assertThat(get(server, "/metrics"))
          .startsWith("200\n")
          .contains(
              "portolan_cni_call_seconds_bucket{code=\"0\",command=\"ADD\",component=\"test\",le=\"0.005\"}"
                  + " 1",
              "portolan_cni_call_seconds_count{code=\"0\",command=\"ADD\",component=\"test\"} 2",
              "portolan_pool_addresses{component=\"test\",state=\"assigned\"} 42.0",
              "portolan_leader{component=\"test\"} 1.0",
              "process_resident_memory_bytes{component=\"test\"}");
    }
  }
}
