package io.portolan.sim.ec2;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.portolan.sim.config.ConfigException;
import io.portolan.sim.config.ConfigNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The simulator's own control, beside the EC2 API and for callers on the loopback interface only:
 *
 * <ul>
 *   <li>{@code GET /_portolan/faults}: the current {@link Ec2Behavior} as JSON
 *   <li>{@code PUT /_portolan/faults}: replaces it; the body as {@link Ec2BehaviorReader} says
 *   <li>{@code DELETE /_portolan/faults}: back to {@link Ec2Behavior#PROMPT}
 *   <li>{@code GET /_portolan/calls}: how often each operation ended how
 * </ul>
 */
final class ControlHandler implements HttpHandler {
  static final String PATH = "/_portolan/";

  private static final int MAX_BODY = 1 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Ec2World world;

  ControlHandler(Ec2World world) {
    this.world = world;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!exchange.getRemoteAddress().getAddress().isLoopbackAddress()) {
        send(exchange, 403, error("the control endpoint answers callers on loopback only"));
        return;
      }
      String request = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
      switch (request) {
        case "GET /_portolan/faults" ->
            send(exchange, 200, Ec2BehaviorReader.write(world.behavior()));
        case "PUT /_portolan/faults" -> replace(exchange);
        case "DELETE /_portolan/faults" -> {
          world.behave(Ec2Behavior.PROMPT);
          send(exchange, 200, Ec2BehaviorReader.write(Ec2Behavior.PROMPT));
        }
        case "GET /_portolan/calls" ->
            send(exchange, 200, JSON.writeValueAsString(world.calls().counts()));
        default ->
            send(
                exchange,
                404,
                error("no such control; there are /_portolan/faults and /_portolan/calls"));
      }
    }
  }

  private void replace(HttpExchange exchange) throws IOException {
    String body =
        new String(exchange.getRequestBody().readNBytes(MAX_BODY), StandardCharsets.UTF_8);
    try {
      Ec2Behavior behavior = Ec2BehaviorReader.read(ConfigNode.parse("", body));
      world.behave(behavior);
      send(exchange, 200, Ec2BehaviorReader.write(behavior));
    } catch (ConfigException e) {
      send(exchange, 400, error(String.valueOf(e.getMessage())));
    }
  }

  private static String error(String message) throws IOException {
    return JSON.writeValueAsString(Map.of("error", message));
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = (body + "\n").getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
