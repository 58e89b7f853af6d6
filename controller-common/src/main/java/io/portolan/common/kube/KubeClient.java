package io.portolan.common.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.HttpClientUtils;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A connection to one API server.
 *
 * <p>Each call is made once: repeating is the caller's decision, because only the caller knows
 * whether the wish still stands. Safe for any number of threads; calls block.
 */
public final class KubeClient implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);
  private static final Path SERVICE_ACCOUNT =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  private final HttpClient http;
  private final String base;
  private volatile KubeCallListener calls = KubeCallListener.SILENT;

  private KubeClient(Config config) {
    // Repeating is decided above; fabric8 would repeat server errors ten times by itself.
    config.setRequestRetryBackoffLimit(0);
    config.setConnectionTimeout(10_000);
    http = HttpClientUtils.getHttpClientFactory().newBuilder(config).build();
    String url = config.getMasterUrl();
    base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  /** A body and how to read it. */
  public enum Patch {
    MERGE("application/merge-patch+json"),
    APPLY("application/apply-patch+yaml");

    private final String contentType;

    Patch(String contentType) {
      this.contentType = contentType;
    }
  }

  /**
   * Connects as a kubeconfig file says: its current context, certificates, tokens, exec plugins.
   *
   * @param userAgent names the program in the server's logs
   * @throws KubeConnectionException if the file is missing or names no server
   */
  public static KubeClient fromKubeconfig(Path file, String userAgent) {
    if (!Files.isReadable(file)) {
      throw new KubeConnectionException(
          "kubeconfig " + file + " cannot be read; give --kubeconfig an existing file");
    }
    try {
      Config config = Config.fromKubeconfig(file.toFile());
      if (config.getCurrentContext() == null) {
        throw new KubeConnectionException(
            "kubeconfig "
                + file
                + " has no current context; set one with 'kubectl config use-context'");
      }
      config.setUserAgent(userAgent);
      return new KubeClient(config);
    } catch (KubernetesClientException | IllegalArgumentException e) {
      throw new KubeConnectionException("kubeconfig " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Connects as the pod's service account.
   *
   * @throws KubeConnectionException outside a pod
   */
  public static KubeClient inCluster(String userAgent) {
    String host = System.getenv("KUBERNETES_SERVICE_HOST");
    String port = System.getenv("KUBERNETES_SERVICE_PORT");
    Path token = SERVICE_ACCOUNT.resolve("token");
    if (host == null || port == null || !Files.isReadable(token)) {
      throw new KubeConnectionException(
          "not running in a pod (KUBERNETES_SERVICE_HOST or "
              + token
              + " is missing); give --kubeconfig FILE or --api-server URL");
    }
    String literal = host.contains(":") ? "[" + host + "]" : host;
    Config config =
        new ConfigBuilder(Config.empty())
            .withMasterUrl("https://" + literal + ":" + port)
            .withCaCertFile(SERVICE_ACCOUNT.resolve("ca.crt").toString())
            .withUserAgent(userAgent)
            .build();
    // The kubelet renews the token's file; read it anew for each request.
    config.setOauthTokenProvider(() -> read(token));
    return new KubeClient(config);
  }

  private static String read(Path token) {
    try {
      return Files.readString(token).strip();
    } catch (IOException e) {
      throw new KubeConnectionException("service account token " + token + " cannot be read", e);
    }
  }

  /** Connects to a URL, with a bearer token or none: simulators, proxies. */
  public static KubeClient to(URI url, Optional<String> token, String userAgent) {
    if (url.getScheme() == null || url.getHost() == null) {
      throw new KubeConnectionException(
          "'" + url + "' is no URL of an API server; write http://HOST:PORT or https://HOST:PORT");
    }
    ConfigBuilder config =
        new ConfigBuilder(Config.empty()).withMasterUrl(url.toString()).withUserAgent(userAgent);
    token.ifPresent(config::withOauthToken);
    return new KubeClient(config.build());
  }

  /**
   * What a program was told: {@code --kubeconfig}, {@code --api-server}, or else the pod's account.
   */
  public static KubeClient connect(
      Optional<Path> kubeconfig, Optional<URI> apiServer, String userAgent) {
    if (kubeconfig.isPresent() && apiServer.isPresent()) {
      throw new KubeConnectionException("give --kubeconfig or --api-server, not both");
    }
    if (kubeconfig.isPresent()) {
      return fromKubeconfig(kubeconfig.get(), userAgent);
    }
    return apiServer.isPresent()
        ? to(apiServer.get(), Optional.empty(), userAgent)
        : inCluster(userAgent);
  }

  public KubeResult<ObjectNode> get(String path) {
    return call("GET", path, "", "");
  }

  public KubeResult<ObjectNode> create(String collectionPath, ObjectNode object) {
    return call("POST", collectionPath, "application/json", object.toString());
  }

  /** Replaces an object; a {@code resourceVersion} in it makes this a compare-and-swap. */
  public KubeResult<ObjectNode> replace(String path, ObjectNode object) {
    return call("PUT", path, "application/json", object.toString());
  }

  public KubeResult<ObjectNode> merge(String path, ObjectNode patch) {
    return call("PATCH", path, Patch.MERGE.contentType, patch.toString());
  }

  /**
   * Server-side apply with force: the object's fields become ours, and fields of an earlier apply
   * by the same manager that are left out now are removed.
   */
  public KubeResult<ObjectNode> apply(String path, String fieldManager, ObjectNode object) {
    String query = "?force=true&fieldManager=" + ResourcePath.encode(fieldManager);
    return call("PATCH", path + query, Patch.APPLY.contentType, object.toString());
  }

  public KubeResult<ObjectNode> delete(String path) {
    return call("DELETE", path, "", "");
  }

  /**
   * Deletes an object on conditions.
   *
   * @param options a {@code DeleteOptions}, such as one with {@code preconditions}
   */
  public KubeResult<ObjectNode> delete(String path, ObjectNode options) {
    return call("DELETE", path, "application/json", options.toString());
  }

  /** The server's version, which proves that it can be reached and talks Kubernetes. */
  public KubeResult<String> version() {
    return get("/version").map(v -> v.path("gitVersion").asText());
  }

  /** Has every call but watches told to {@code listener}, from now on. */
  public void listen(KubeCallListener listener) {
    calls = listener;
  }

  private KubeResult<ObjectNode> call(String method, String path, String contentType, String body) {
    long start = System.nanoTime();
    KubeResult<ObjectNode> result = answer(method, path, contentType, body);
    String outcome = result.failure().map(f -> f.code() == 0 ? "none" : "" + f.code()).orElse("ok");
    calls.called(
        method.toLowerCase(Locale.ROOT),
        resource(path),
        outcome,
        Duration.ofNanos(System.nanoTime() - start));
    return result;
  }

  /** The plural, with the subresource: few values, whatever the objects are called. */
  static String resource(String path) {
    String[] parts = path.substring(1).replaceAll("[?].*", "").split("/", -1);
    int at = parts[0].equals("api") ? 2 : parts[0].equals("apis") ? 3 : 0;
    if (at + 2 < parts.length && parts[at].equals("namespaces")) {
      at += 2;
    }
    if (at >= parts.length) {
      return parts[0];
    }
    return at + 2 < parts.length ? parts[at] + "/" + parts[at + 2] : parts[at];
  }

  private KubeResult<ObjectNode> answer(
      String method, String path, String contentType, String body) {
    HttpRequest.Builder request =
        http.newHttpRequestBuilder()
            .uri(base + path)
            .timeout(CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    if (!body.isEmpty()) {
      request.method(method, contentType, body);
    } else if (method.equals("DELETE")) {
      request.method(method, "application/json", "{}");
    }
    return switch (send(request.build(), byte[].class)) {
      case KubeResult.Failed<HttpResponse<byte[]>>(KubeFault fault) ->
          new KubeResult.Failed<>(fault);
      case KubeResult.Ok<HttpResponse<byte[]>>(var response) -> {
        JsonNode json = parse(response.body());
        if (response.isSuccessful() && json instanceof ObjectNode object) {
          yield new KubeResult.Ok<>(object);
        }
        yield new KubeResult.Failed<>(
            response.isSuccessful()
                ? KubeFault.noAnswer("the answer to " + path + " is no JSON object")
                : KubeFault.ofStatus(response.code(), json, retryAfter(response)));
      }
    };
  }

  /**
   * Opens a list or a watch as a stream, which the caller closes.
   *
   * @throws IOException if there is no answer
   */
  KubeResult<InputStream> stream(String path) throws IOException {
    HttpRequest request = http.newHttpRequestBuilder().uri(base + path).forStreaming().build();
    return switch (send(request, InputStream.class)) {
      case KubeResult.Failed<HttpResponse<InputStream>>(KubeFault fault) ->
          new KubeResult.Failed<>(fault);
      case KubeResult.Ok<HttpResponse<InputStream>>(var response) -> {
        if (response.isSuccessful()) {
          yield new KubeResult.Ok<>(response.body());
        }
        try (InputStream body = response.body()) {
          // An error is small; a proxy in between might send anything.
          byte[] text = body.readNBytes(64 * 1024);
          yield new KubeResult.Failed<>(
              KubeFault.ofStatus(response.code(), parse(text), retryAfter(response)));
        }
      }
    };
  }

  private <T> KubeResult<HttpResponse<T>> send(HttpRequest request, Class<T> type) {
    CompletableFuture<HttpResponse<T>> answer = http.sendAsync(request, type);
    try {
      return new KubeResult.Ok<>(answer.get(CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return new KubeResult.Failed<>(
          KubeFault.noAnswer(request.method() + " " + request.uri() + ": " + cause));
    } catch (TimeoutException e) {
      answer.cancel(true);
      return new KubeResult.Failed<>(
          KubeFault.noAnswer(
              request.method() + " " + request.uri() + ": no answer in " + CALL_TIMEOUT));
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      return new KubeResult.Failed<>(KubeFault.noAnswer("interrupted"));
    }
  }

  private static Optional<Duration> retryAfter(HttpResponse<?> response) {
    List<String> headers = response.headers("Retry-After");
    try {
      return headers.isEmpty()
          ? Optional.empty()
          : Optional.of(Duration.ofSeconds(Math.clamp(Long.parseLong(headers.getFirst()), 0, 300)));
    } catch (NumberFormatException e) {
      // The other form, a date, is not used by API servers.
      return Optional.empty();
    }
  }

  private static JsonNode parse(byte[] body) {
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      return MissingNode.getInstance();
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
