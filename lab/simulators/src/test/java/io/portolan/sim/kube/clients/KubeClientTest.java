package io.portolan.sim.kube.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeConnectionException;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import io.portolan.common.kube.ResourcePath;
import io.portolan.sim.kube.ApiOptions;
import io.portolan.sim.kube.KubeApiServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubeClientTest {
  private static final ResourcePath CONFIG_MAPS = new ResourcePath("", "v1", "configmaps");

  private static ObjectNode configMap(String name) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", "v1").put("kind", "ConfigMap");
    object.putObject("metadata").put("name", name);
    return object;
  }

  private static String fault(KubeResult<?> result) {
    return result
        .failure()
        .map(f -> f.kind() + " " + f.code() + f.retryAfter().map(r -> " after " + r).orElse(""))
        .orElse("none");
  }

  @Test
  void refusalsAreValuesWithTheServersWords() throws IOException {
    try (KubeApiServer server = KubeApiServer.start(ApiOptions.DEFAULT);
        KubeClient client = KubeClient.to(server.url(), Optional.empty(), "client-test")) {
      String maps = CONFIG_MAPS.collection("default");
      assertThat(client.version().toOptional()).isPresent();
      ObjectNode first = client.create(maps, configMap("a")).orThrow();
      assertThat(fault(client.create(maps, configMap("a")))).isEqualTo("ALREADY_EXISTS 409");
      client.merge(maps + "/a", configMap("a").put("immutable", true)).orThrow();
      assertThat(fault(client.replace(maps + "/a", first))).isEqualTo("CONFLICT 409");
      assertThat(fault(client.get(maps + "/none"))).isEqualTo("NOT_FOUND 404");
      assertThat(fault(client.create(maps, configMap("UPPER")))).isEqualTo("INVALID 422");
      server.faults().throttle(1, 7);
      assertThat(fault(client.get(maps))).isEqualTo("THROTTLED 429 after PT7S");
      server.faults().none().errors(1);
      assertThat(fault(client.get(maps))).isEqualTo("UNAVAILABLE 500");
      server.faults().none().down(Duration.ofSeconds(30));
      assertThat(fault(client.get(maps))).isEqualTo("UNAVAILABLE 0");
      server.faults().none();
      assertThat(client.delete(maps + "/a").toOptional()).isPresent();
    }
  }

  @Test
  void oneCallIsOneRequest() throws IOException {
    try (KubeApiServer server = KubeApiServer.start(ApiOptions.DEFAULT);
        KubeClient client = KubeClient.to(server.url(), Optional.empty(), "client-test")) {
      server.faults().loseReplies(1);
      long before = server.objects().revision();
      assertThat(fault(client.create(CONFIG_MAPS.collection("default"), configMap("a"))))
          .isEqualTo("UNAVAILABLE 0");
      assertThat(server.objects().revision()).isEqualTo(before + 1);
    }
  }

  @Test
  void tokensAreSentAndTheirLackIsNamed() throws IOException {
    ApiOptions guarded = ApiOptions.DEFAULT.withBearerToken("s3cret");
    try (KubeApiServer server = KubeApiServer.start(guarded);
        KubeClient known = KubeClient.to(server.url(), Optional.of("s3cret"), "client-test");
        KubeClient unknown = KubeClient.to(server.url(), Optional.empty(), "client-test")) {
      assertThat(known.version().toOptional()).isPresent();
      assertThat(fault(unknown.version())).isEqualTo("DENIED 401");
    }
  }

  @Test
  void kubeconfigFilesAreUnderstood(@TempDir Path directory) throws IOException {
    ApiOptions guarded = ApiOptions.DEFAULT.withBearerToken("s3cret");
    try (KubeApiServer server = KubeApiServer.start(guarded)) {
      Path file = directory.resolve("config");
      Files.writeString(
          file,
          """
          apiVersion: v1
          kind: Config
          current-context: lab
          clusters: [{name: lab, cluster: {server: "%s"}}]
          users: [{name: lab, user: {token: s3cret}}]
          contexts: [{name: lab, context: {cluster: lab, user: lab}}]
          """
              .formatted(server.url()));
      try (KubeClient client = KubeClient.fromKubeconfig(file, "client-test")) {
        assertThat(client.version().toOptional()).isPresent();
      }
    }
  }

  @Test
  void impossibleConfigurationsSayWhatToChange(@TempDir Path directory) throws IOException {
    Path missing = directory.resolve("none");
    assertThatThrownBy(() -> KubeClient.fromKubeconfig(missing, "t"))
        .isInstanceOf(KubeConnectionException.class)
        .hasMessage(
            "kubeconfig " + missing + " cannot be read; give --kubeconfig an existing file");
    Path empty = Files.writeString(directory.resolve("empty"), "apiVersion: v1\nkind: Config\n");
    assertThatThrownBy(() -> KubeClient.fromKubeconfig(empty, "t"))
        .isInstanceOf(KubeConnectionException.class)
        .hasMessageContaining("no current context");
    assertThatThrownBy(() -> KubeClient.to(URI.create("localhost"), Optional.empty(), "t"))
        .isInstanceOf(KubeConnectionException.class)
        .hasMessageContaining("write http://HOST:PORT");
    assertThatThrownBy(() -> KubeClient.connect(Optional.empty(), Optional.empty(), "t"))
        .isInstanceOf(KubeConnectionException.class)
        .hasMessageContaining("not running in a pod");
  }

  @Test
  void anUnreachableServerIsAFault() {
    try (KubeClient client =
        KubeClient.to(URI.create("http://127.0.0.1:1"), Optional.empty(), "client-test")) {
      KubeFault fault = client.version().failure().orElseThrow();
      assertThat(fault.kind()).isEqualTo(KubeFault.Kind.UNAVAILABLE);
      assertThat(fault.isPassing()).isTrue();
      assertThat(fault.message()).contains("http://127.0.0.1:1/version");
    }
  }
}
