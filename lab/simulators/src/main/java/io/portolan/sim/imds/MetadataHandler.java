package io.portolan.sim.imds;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.portolan.sim.ec2.Ec2World;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.Instance;
import io.portolan.sim.ec2.model.ResourceId;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * IMDSv2: a PUT for a session token, then GETs that carry it. Without one every GET is refused, as
 * with {@code HttpTokens: required}.
 */
final class MetadataHandler implements HttpHandler {
  private static final String TTL = "X-aws-ec2-metadata-token-ttl-seconds";
  private static final String TOKEN = "X-aws-ec2-metadata-token";
  private static final Pattern VERSION = Pattern.compile("latest|[0-9]{4}-[0-9]{2}-[0-9]{2}|1\\.0");

  private final Ec2World world;
  private final Function<InetAddress, Optional<ResourceId>> caller;
  private final SessionTokens tokens;

  MetadataHandler(Ec2World world, Function<InetAddress, Optional<ResourceId>> caller) {
    this.world = world;
    this.caller = caller;
    this.tokens = new SessionTokens(new SplittableRandom(world.options().seed()));
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      InetAddress from = exchange.getRemoteAddress().getAddress();
      Ec2State state = world.metadataState();
      Optional<Instance> instance =
          caller.apply(from).flatMap(state::find).map(Instance.class::cast);
      if (instance.isEmpty()) {
        send(exchange, 404, "no instance of this world has the address " + from.getHostAddress());
        return;
      }
      switch (exchange.getRequestMethod()) {
        case "PUT" -> token(exchange, instance.get());
        case "GET" -> read(exchange, state, instance.get());
        default -> send(exchange, 405, "Method Not Allowed");
      }
    }
  }

  private void token(HttpExchange exchange, Instance instance) throws IOException {
    if (!exchange.getRequestURI().getPath().equals("/latest/api/token")) {
      send(exchange, 404, "Not Found");
      return;
    }
    if (exchange.getRequestHeaders().containsKey("X-Forwarded-For")) {
      // A token must not leave the instance through a proxy ("PUT requests ... are rejected").
      send(exchange, 403, "Forbidden");
      return;
    }
    Optional<Duration> lifetime = lifetime(exchange.getRequestHeaders().getFirst(TTL));
    if (lifetime.isEmpty()) {
      send(exchange, 400, "Bad Request");
      return;
    }
    String token = tokens.open(instance.id(), world.time().instant(), lifetime.get());
    exchange.getResponseHeaders().set(TTL, String.valueOf(lifetime.get().toSeconds()));
    send(exchange, 200, token);
  }

  private static Optional<Duration> lifetime(@Nullable String seconds) {
    if (seconds == null || !seconds.matches("[0-9]{1,5}")) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofSeconds(Long.parseLong(seconds)))
        .filter(d -> !d.isZero() && d.compareTo(SessionTokens.LONGEST) <= 0);
  }

  private void read(HttpExchange exchange, Ec2State state, Instance instance) throws IOException {
    String token = exchange.getRequestHeaders().getFirst(TOKEN);
    if (!tokens.isValid(token, instance.id(), world.time().instant())) {
      send(exchange, 401, "Unauthorized");
      return;
    }
    String[] parts = exchange.getRequestURI().getPath().substring(1).split("/", 2);
    if (!VERSION.matcher(parts[0]).matches()) {
      send(exchange, 404, "Not Found");
      return;
    }
    Optional<String> text =
        MetadataTree.of(state, instance, world.options()).read(parts.length == 1 ? "" : parts[1]);
    send(exchange, text.isPresent() ? 200 : 404, text.orElse("Not Found"));
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain");
    exchange.getResponseHeaders().set("Server", "EC2ws");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
