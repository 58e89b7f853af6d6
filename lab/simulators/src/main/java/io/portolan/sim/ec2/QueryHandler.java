package io.portolan.sim.ec2;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.portolan.sim.ec2.action.Element;
import io.portolan.sim.ec2.model.Ec2Error;
import io.portolan.sim.ec2.model.Ec2Refusal;
import io.portolan.sim.ec2.model.Refusals;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The EC2 Query protocol: a form in, XML out. */
final class QueryHandler implements HttpHandler {
  private static final Logger log = LoggerFactory.getLogger(QueryHandler.class);

  /** The longest request body; a client at its limits sends a few kilobytes. */
  private static final int MAX_BODY = 1 << 20;

  private static final String VERSION = "2016-11-15";
  private static final String CALLER_IDENTITY = "GetCallerIdentity";

  private final Ec2World world;
  private final boolean authentication;

  QueryHandler(Ec2World world, boolean authentication) {
    this.world = world;
    this.authentication = authentication;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      answer(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the simulator is stopping");
    } catch (RuntimeException e) {
      log.error("a request broke the simulator", e);
      send(
          exchange,
          500,
          XmlWriter.error("-", new Ec2Error("InternalError", 500, String.valueOf(e.getMessage()))));
    }
  }

  private void answer(HttpExchange exchange) throws IOException, InterruptedException {
    Map<String, String> parameters;
    String action = "-";
    try {
      parameters = parameters(exchange);
      action =
          Optional.ofNullable(parameters.remove("Action"))
              .orElseThrow(() ->
                  new Ec2Error("MissingAction", "The request must contain the parameter Action")
                      .refusal());
      authenticate(exchange, action);
      if (action.equals(CALLER_IDENTITY)) {
        send(exchange, 200, callerIdentity());
        return;
      }
      requireVersion(parameters.remove("Version"));
    } catch (Ec2Refusal refusal) {
      world.refused(action, refusal.error());
      send(exchange, refusal.error().status(), XmlWriter.error("-", refusal.error()));
      return;
    }
    Reply reply = world.call(action, parameters);
    world.time().pause(reply.delay());
    switch (reply.content()) {
      case Reply.Answer answer ->
          send(exchange, 200, XmlWriter.answer(action, reply.requestId(), answer.elements()));
      case Reply.Refused refused ->
          send(
              exchange,
              refused.error().status(),
              XmlWriter.error(reply.requestId(), refused.error()));
      case Reply.Garbage _ -> send(exchange, 200, "<html><body>It works!</body");
      // Closed without a response, the connection goes with the exchange.
      case Reply.Nothing _ -> exchange.close();
    }
  }

  private static Map<String, String> parameters(HttpExchange exchange) throws IOException {
    String query = Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse("");
    byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
    if (body.length > MAX_BODY) {
      throw new Ec2Error("RequestEntityTooLarge", 413, "The request is larger than 1 MiB")
          .refusal();
    }
    Map<String, String> parameters = new LinkedHashMap<>(FormDecoder.decode(query));
    parameters.putAll(FormDecoder.decode(new String(body, StandardCharsets.UTF_8)));
    return parameters;
  }

  private void authenticate(HttpExchange exchange, String action) {
    if (authentication) {
      Credential.parse(exchange.getRequestHeaders().getFirst("Authorization"))
          .requireScope(
              world.options().region().name(), action.equals(CALLER_IDENTITY) ? "sts" : "ec2");
    }
  }

  private static void requireVersion(@Nullable String version) {
    if (version == null) {
      throw Refusals.missing("Version");
    }
    if (!version.equals(VERSION)) {
      throw new Ec2Error(
              "NoSuchVersion",
              "The requested version (" + version + ") is not available; " + VERSION + " is")
          .refusal();
    }
  }

  /** STS GetCallerIdentity, for clients that ask who they are before anything else. */
  private String callerIdentity() {
    String account = world.options().account();
    String body =
        XmlWriter.fragment(
            Element.node(
                "GetCallerIdentityResult",
                List.of(
                    Element.leaf("Arn", "arn:aws:iam::" + account + ":user/portolan"),
                    Element.leaf("UserId", "AIDAPORTOLAN000000000"),
                    Element.leaf("Account", account))));
    return "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
        + body
        + "<ResponseMetadata><RequestId>-</RequestId></ResponseMetadata>"
        + "</GetCallerIdentityResponse>";
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/xml;charset=UTF-8");
    exchange.getResponseHeaders().set("Server", "AmazonEC2");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
