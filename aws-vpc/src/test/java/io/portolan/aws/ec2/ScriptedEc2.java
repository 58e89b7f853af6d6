package io.portolan.aws.ec2;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An HTTP server that answers one prepared reply after the other and keeps what it was asked. */
final class ScriptedEc2 implements AutoCloseable {
  private final HttpServer server;
  private final Deque<Reply> script = new ArrayDeque<>();
  private final List<Map<String, String>> requests = new ArrayList<>();

  /**
   * @param status negative: the connection is cut without a reply
   */
  record Reply(int status, String body, Map<String, String> headers) {}

  ScriptedEc2() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext(
        "/",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          Reply reply;
          synchronized (this) {
            requests.add(InProcessEc2.parameters(body));
            reply = script.isEmpty() ? new Reply(500, "script ended", Map.of()) : script.poll();
          }
          if (reply.status() >= 0) {
            byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/xml");
            reply.headers().forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
          }
          exchange.close();
        });
    server.start();
  }

  SdkEc2Api api() {
    return SdkEc2Api.connect(
        new Ec2Connection(
            Optional.of("eu-central-1"), Optional.of(endpoint()), Duration.ofSeconds(30)));
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** A success, with the request id that EC2 puts into every reply. */
  synchronized ScriptedEc2 answers(String body) {
    return answers(200, body.replaceFirst("Response>", "Response><requestId>req-1</requestId>"));
  }

  synchronized ScriptedEc2 answers(int status, String body) {
    script.add(new Reply(status, body, Map.of()));
    return this;
  }

  synchronized ScriptedEc2 refuses(int status, String code, String message) {
    return refuses(status, code, message, Map.of());
  }

  synchronized ScriptedEc2 refuses(
      int status, String code, String message, Map<String, String> headers) {
    script.add(
        new Reply(
            status,
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors>\
            <RequestID>req-1</RequestID></Response>\
            """
                .formatted(code, message),
            headers));
    return this;
  }

  synchronized ScriptedEc2 cutsTheConnection() {
    script.add(new Reply(-1, "", Map.of()));
    return this;
  }

  /** The form parameters of each request so far, without those every request has. */
  synchronized List<Map<String, String>> requests() {
    return List.copyOf(requests);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
