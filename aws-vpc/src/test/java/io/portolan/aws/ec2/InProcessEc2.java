package io.portolan.aws.ec2;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;

/**
 * The real adapter and the real SDK over a transport without sockets, so that a simulation in
 * virtual time runs every line of them on one thread.
 */
public final class InProcessEc2 implements SdkHttpClient {
  private final Exchange exchange;

  /** What answers requests. */
  public interface Exchange {
    /**
     * @param parameters of the form, without {@code Version}
     * @throws IOException if the reply is lost
     */
    Reply answer(Map<String, String> parameters) throws IOException;
  }

  /** An HTTP response. */
  public record Reply(int status, String body) {}

  private InProcessEc2(Exchange exchange) {
    this.exchange = exchange;
  }

  public static SdkEc2Api connect(Exchange exchange) {
    System.setProperty("aws.accessKeyId", "AKIDEXAMPLE");
    System.setProperty("aws.secretAccessKey", "example");
    return SdkEc2Api.connect(
        new Ec2Connection(
            Optional.of("eu-central-1"),
            Optional.of(URI.create("http://in.process")),
            Duration.ofMinutes(1)),
        new InProcessEc2(exchange));
  }

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    return new ExecutableHttpRequest() {
      @Override
      public HttpExecuteResponse call() throws IOException {
        Reply reply = exchange.answer(parameters(body(request)));
        return HttpExecuteResponse.builder()
            .response(SdkHttpResponse.builder().statusCode(reply.status()).build())
            .responseBody(
                AbortableInputStream.create(
                    new ByteArrayInputStream(reply.body().getBytes(StandardCharsets.UTF_8))))
            .build();
      }

      @Override
      public void abort() {
        // Answers are immediate: nothing is ever under way.
      }
    };
  }

  private static String body(HttpExecuteRequest request) {
    try (InputStream in = request.contentStreamProvider().orElseThrow().newStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The parameters of a form, without {@code Version}, which every request has. */
  static Map<String, String> parameters(String form) {
    Map<String, String> parameters = new TreeMap<>();
    for (String pair : form.split("&")) {
      int equals = pair.indexOf('=');
      if (equals > 0 && !pair.startsWith("Version=")) {
        parameters.put(
            URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return parameters;
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
