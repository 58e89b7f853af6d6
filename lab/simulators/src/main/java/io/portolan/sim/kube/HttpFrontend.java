package io.portolan.sim.kube;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.portolan.sim.kube.Faults.Fate;
import io.portolan.sim.kube.ResourceVerbs.PatchKind;
import io.portolan.sim.kube.WriteOptions.Deletion;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** HTTP in front of the verbs: routing, bodies, faults, answers. */
final class HttpFrontend implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(HttpFrontend.class);

  /** The limit of a real API server. */
  private static final int MAX_BODY = 3 * 1024 * 1024;

  private final ResourceCatalog catalog;
  private final ResourceVerbs verbs;
  private final Listing listing;
  private final Watches watches;
  private final Discovery discovery;
  private final Faults faults;
  private final Optional<String> bearerToken;

  HttpFrontend(
      ResourceCatalog catalog,
      ResourceVerbs verbs,
      Listing listing,
      Watches watches,
      Faults faults,
      Optional<String> bearerToken) {
    this.catalog = catalog;
    this.verbs = verbs;
    this.listing = listing;
    this.watches = watches;
    this.discovery = new Discovery(catalog);
    this.faults = faults;
    this.bearerToken = bearerToken;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      switch (faults.next(exchange.getRequestURI().getPath())) {
        case Fate.Broken() -> {}
        case Fate.Refused(Duration delay, ApiFailure failure) -> {
          pause(delay);
          refuse(exchange, failure);
        }
        case Fate.Served(Duration delay, boolean replyLost) -> {
          pause(delay);
          serve(exchange, replyLost);
        }
      }
    }
  }

  private static void pause(Duration delay) {
    if (delay.isPositive()) {
      try {
        Thread.sleep(delay);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void serve(HttpExchange exchange, boolean replyLost) throws IOException {
    try {
      authenticate(exchange);
      Answer answer = route(exchange);
      if (answer != null && !replyLost) {
        send(exchange, answer);
      }
    } catch (ApiFailure failure) {
      if (!replyLost) {
        refuse(exchange, failure);
      }
    } catch (RuntimeException e) {
      LOG.error("{} {} failed", exchange.getRequestMethod(), exchange.getRequestURI(), e);
      refuse(exchange, ApiFailure.internal(String.valueOf(e.getMessage())));
    }
  }

  private void authenticate(HttpExchange exchange) {
    if (bearerToken.isPresent()) {
      String given = exchange.getRequestHeaders().getFirst("Authorization");
      if (given == null || !given.equals("Bearer " + bearerToken.get())) {
        throw ApiFailure.unauthorized();
      }
    }
  }

  private record Answer(int code, JsonNode body) {}

  /** Null if the answer has already been sent. */
  private @Nullable Answer route(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/healthz") || path.equals("/livez") || path.equals("/readyz")) {
      byte[] ok = "ok".getBytes(java.nio.charset.StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, ok.length);
      exchange.getResponseBody().write(ok);
      return null;
    }
    Optional<ObjectNode> document = discovery.at(path);
    if (document.isPresent()) {
      return new Answer(200, document.get());
    }
    RequestPath target = RequestPath.parse(path).orElseThrow(ApiFailure::noSuchResource);
    ResourceType type =
        catalog
            .find(target.group(), target.version(), target.plural())
            .orElseThrow(ApiFailure::noSuchResource);
    boolean statusOnly = target.subresource().equals("status") && type.status();
    if (!target.subresource().isEmpty() && !statusOnly) {
      throw ApiFailure.noSuchResource();
    }
    Query query = Query.of(exchange.getRequestURI());
    return target.name().isEmpty()
        ? collection(exchange, type, target, query)
        : object(exchange, type, target, query);
  }

  private @Nullable Answer collection(
      HttpExchange exchange, ResourceType type, RequestPath target, Query query)
      throws IOException {
    return switch (exchange.getRequestMethod()) {
      case "GET" -> {
        if (query.flag("watch")) {
          watches.serve(type, target.namespace(), query, () -> startStream(exchange));
          yield null;
        }
        yield new Answer(200, listing.list(type, target.namespace(), query));
      }
      case "POST" -> {
        ObjectNode body = bodyObject(exchange);
        if (type.namespaced() && target.namespace().isEmpty()) {
          throw ApiFailure.badRequest("an empty namespace may not be set during creation");
        }
        yield answer(
            201, type, verbs.create(type, target.namespace(), body, options(exchange, query)));
      }
      case "DELETE" -> {
        ObjectNode list = listing.list(type, target.namespace(), query);
        for (JsonNode item : list.path("items")) {
          JsonNode metadata = item.path("metadata");
          verbs
              .deletions()
              .delete(
                  type,
                  metadata.path("namespace").asText(),
                  metadata.path("name").asText(),
                  deletion(exchange, query),
                  query.text("dryRun").equals("All"));
        }
        yield new Answer(200, list);
      }
      default -> throw ApiFailure.methodNotAllowed();
    };
  }

  private Answer object(HttpExchange exchange, ResourceType type, RequestPath target, Query query)
      throws IOException {
    String namespace = target.namespace();
    String name = target.name();
    String subresource = target.subresource();
    return switch (exchange.getRequestMethod()) {
      case "GET" -> answer(200, type, verbs.get(type, namespace, name));
      case "PUT" ->
          answer(
              200,
              type,
              verbs.update(
                  type,
                  namespace,
                  name,
                  subresource,
                  bodyObject(exchange),
                  options(exchange, query)));
      case "PATCH" -> {
        PatchKind kind = patchKind(exchange);
        WriteOptions options = options(exchange, query);
        if (kind == PatchKind.APPLY && query.text("fieldManager").isEmpty()) {
          throw ApiFailure.badRequest(
              "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required"
                  + " for apply patch");
        }
        JsonNode patch = body(exchange);
        ResourceVerbs.Patched patched =
            verbs.patch(type, namespace, name, subresource, kind, patch, options);
        yield answer(patched.created() ? 201 : 200, type, patched.object());
      }
      case "DELETE" -> {
        if (!subresource.isEmpty()) {
          throw ApiFailure.methodNotAllowed();
        }
        yield answer(
            200,
            type,
            verbs
                .deletions()
                .delete(
                    type,
                    namespace,
                    name,
                    deletion(exchange, query),
                    query.text("dryRun").equals("All")));
      }
      default -> throw ApiFailure.methodNotAllowed();
    };
  }

  private static Answer answer(int code, ResourceType type, ObjectNode object) {
    return new Answer(code, Versions.as(type, object));
  }

  private static PatchKind patchKind(HttpExchange exchange) {
    return switch (contentType(exchange)) {
      case "application/merge-patch+json" -> PatchKind.MERGE;
      case "application/json-patch+json" -> PatchKind.JSON;
      case "application/strategic-merge-patch+json" -> PatchKind.STRATEGIC;
      case "application/apply-patch+yaml" -> PatchKind.APPLY;
      case String other -> throw ApiFailure.unsupportedMediaType(other);
    };
  }

  private static String contentType(HttpExchange exchange) {
    String given = exchange.getRequestHeaders().getFirst("Content-Type");
    if (given == null) {
      return "application/json";
    }
    int semicolon = given.indexOf(';');
    return (semicolon < 0 ? given : given.substring(0, semicolon)).strip();
  }

  private static WriteOptions options(HttpExchange exchange, Query query) {
    String agent = exchange.getRequestHeaders().getFirst("User-Agent");
    String program = agent == null || agent.isEmpty() ? "unknown" : agent.split("/", 2)[0];
    return new WriteOptions(
        query.optional("fieldManager").orElse(program),
        query.flag("force"),
        query.text("dryRun").equals("All"));
  }

  private static Deletion deletion(HttpExchange exchange, Query query) throws IOException {
    JsonNode body = body(exchange);
    JsonNode preconditions = body.path("preconditions");
    OptionalLong asked = query.number("gracePeriodSeconds");
    JsonNode inBody = body.path("gracePeriodSeconds");
    Long grace =
        asked.isPresent()
            ? Long.valueOf(asked.getAsLong())
            : inBody.isNumber() ? Long.valueOf(inBody.asLong()) : null;
    return new Deletion(
        preconditions.hasNonNull("uid") ? preconditions.path("uid").asText() : null,
        preconditions.hasNonNull("resourceVersion")
            ? preconditions.path("resourceVersion").asText()
            : null,
        grace);
  }

  private static ObjectNode bodyObject(HttpExchange exchange) throws IOException {
    if (body(exchange) instanceof ObjectNode object && !object.isEmpty()) {
      return object;
    }
    throw ApiFailure.badRequest("the body of the request is no object");
  }

  /** An empty object if there is no body. */
  private static JsonNode body(HttpExchange exchange) throws IOException {
    byte[] bytes = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
    if (bytes.length > MAX_BODY) {
      throw ApiFailure.tooLarge(MAX_BODY);
    }
    if (bytes.length == 0) {
      return JsonNodeFactory.instance.objectNode();
    }
    try {
      return Json.parse(bytes, contentType(exchange).endsWith("yaml"));
    } catch (JsonProcessingException e) {
      throw ApiFailure.badRequest(
          "the body of the request cannot be read: " + e.getOriginalMessage());
    }
  }

  private static void refuse(HttpExchange exchange, ApiFailure failure) throws IOException {
    JsonNode retry = failure.status().path("details").path("retryAfterSeconds");
    if (retry.isNumber()) {
      exchange.getResponseHeaders().set("Retry-After", retry.asText());
    }
    send(exchange, new Answer(failure.code(), failure.status()));
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    byte[] bytes = Json.bytes(answer.body());
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(answer.code(), bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private static WatchStream.Sink startStream(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    OutputStream out = exchange.getResponseBody();
    out.flush();
    return event -> {
      out.write(Json.bytes(event));
      out.write('\n');
      out.flush();
    };
  }
}
