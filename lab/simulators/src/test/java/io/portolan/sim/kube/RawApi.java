package io.portolan.sim.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The API over bare HTTP: no client library between the test and the server's own words. */
final class RawApi {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  static final String MERGE = "application/merge-patch+json";
  static final String STRATEGIC = "application/strategic-merge-patch+json";
  static final String JSON_PATCH = "application/json-patch+json";
  static final String APPLY = "application/apply-patch+yaml";

  private final HttpClient http;
  private final String base;

  private RawApi(HttpClient http, String base) {
    this.http = http;
    this.base = base;
  }

  static RawApi to(URI url) {
    return new RawApi(
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build(), url.toString());
  }

  static RawApi to(Config config) {
    try {
      HttpClient http =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .sslContext(SSLUtils.sslContext(config))
              .build();
      String url = config.getMasterUrl();
      return new RawApi(http, url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
    } catch (Exception e) {
      throw new IllegalStateException("no TLS from the kubeconfig", e);
    }
  }

  record Reply(int code, JsonNode body) {
    JsonNode at(String pointer) {
      return body.at(pointer);
    }

    String text(String pointer) {
      JsonNode value = body.at(pointer);
      return value.isValueNode() ? value.asText() : value.toString();
    }

    /** Code and reason of a refusal, code alone of a success. */
    String outcome() {
      return code < 300 ? String.valueOf(code) : code + " " + text("/reason");
    }
  }

  Reply get(String path) {
    return call("GET", path, "application/json", "");
  }

  Reply post(String path, String yaml) {
    return call("POST", path, "application/json", json(yaml));
  }

  Reply put(String path, String yaml) {
    return call("PUT", path, "application/json", json(yaml));
  }

  Reply put(String path, JsonNode body) {
    return call("PUT", path, "application/json", body.toString());
  }

  Reply delete(String path) {
    return call("DELETE", path, "application/json", "");
  }

  Reply patch(String path, String type, String yaml) {
    return call("PATCH", path, type, type.equals(APPLY) ? yaml : json(yaml));
  }

  static String json(String yaml) {
    try {
      return YAML.readTree(yaml).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Reply call(String method, String path, String contentType, String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(Duration.ofSeconds(20))
            .header("User-Agent", "contract/1.0");
    HttpRequest.BodyPublisher publisher =
        body.isEmpty()
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(body);
    request.method(method, publisher);
    if (!body.isEmpty()) {
      request.header("Content-Type", contentType);
    }
    try {
      HttpResponse<byte[]> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      byte[] bytes = response.body();
      boolean isJson = bytes.length > 0 && bytes[0] == '{';
      return new Reply(
          response.statusCode(), isJson ? JSON.readTree(bytes) : MissingNode.getInstance());
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** An open watch; events arrive on a thread of their own. */
  final class Watch implements AutoCloseable {
    private final BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();
    private final InputStream stream;
    private final Thread reader;

    private Watch(String path) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(base + path))
              .header("User-Agent", "contract/1.0")
              .build();
      try {
        HttpResponse<InputStream> response =
            http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        stream = response.body();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
      reader = Thread.ofVirtual().start(this::read);
    }

    private void read() {
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          events.add(JSON.readTree(line));
        }
      } catch (IOException e) {
        // The test closed the stream, or the server dropped it: the end either way.
      }
      events.add(JSON.createObjectNode().put("type", "END"));
    }

    /** The next event; a missing node if none comes in time. */
    JsonNode next() {
      try {
        JsonNode event = events.poll(10, TimeUnit.SECONDS);
        return event == null ? MissingNode.getInstance() : event;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }

    /** The next {@code count} events as {@code TYPE name}, bookmarks left out. */
    List<String> next(int count) {
      List<String> seen = new ArrayList<>();
      while (seen.size() < count) {
        JsonNode event = next();
        if (!event.path("type").asText().equals("BOOKMARK")) {
          seen.add(event.path("type").asText() + " " + event.at("/object/metadata/name").asText());
        }
        if (event.isMissingNode()) {
          return seen;
        }
      }
      return seen;
    }

    @Override
    public void close() throws IOException {
      stream.close();
      reader.interrupt();
    }
  }

  Watch watch(String path) {
    return new Watch(path);
  }
}
