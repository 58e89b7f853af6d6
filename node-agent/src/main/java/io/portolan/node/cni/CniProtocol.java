package io.portolan.node.cni;

import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One invocation of the plugin from its inputs to its outputs, without the socket around it. */
public final class CniProtocol {
  private static final Logger LOG = LoggerFactory.getLogger(CniProtocol.class);

  private final CniHandler handler;
  private final CniObserver observer;

  public CniProtocol(CniHandler handler, CniObserver observer) {
    this.handler = handler;
    this.observer = observer;
  }

  /**
   * What the plugin's process prints and exits with.
   *
   * @param exitCode 0 for success, 1 for an error
   * @param text standard output
   * @param afterwards to be run when that was sent, or could not be
   */
  public record Output(int exitCode, String text, Runnable afterwards) {}

  private static void nothing() {}

  /** What is answered, and the error code for the observer. */
  private record Answer(int code, String text, Runnable afterwards) {
    Answer(int code, String text) {
      this(code, text, CniProtocol::nothing);
    }

    Answer(String version, CniError error) {
      this(error.code().number(), CniJson.error(version, error));
    }
  }

  /** Never throws: whatever happens, the runtime gets an answer it can read. */
  public Output invoke(Map<String, String> environment, String input) {
    long begin = System.nanoTime();
    Answer answer =
        switch (CniRequestReader.read(environment, input)) {
          case CniRequestReader.VersionAsked asked ->
              new Answer(0, CniJson.versions(asked.version()));
          case CniRequestReader.Invalid invalid -> new Answer(invalid.version(), invalid.error());
          case CniRequestReader.Valid valid -> answer(valid.request());
        };
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    return new Output(
        answer.code == 0 ? 0 : 1,
        answer.text,
        () -> {
          answer.afterwards.run();
          String command = environment.getOrDefault("CNI_COMMAND", "");
          observer.called(
              CniRequest.COMMANDS.contains(command) ? command : "unknown", answer.code, took);
        });
  }

  static Output failed(String version, CniError error) {
    return new Output(1, CniJson.error(version, error), CniProtocol::nothing);
  }

  private Answer answer(CniRequest request) {
    CniAnswer answer;
    try {
      answer = handler.handle(request);
    } catch (RuntimeException e) {
      LOG.error("request failed: {}", request, e);
      answer =
          new CniAnswer.Failed(
              CniErrorCode.INTERNAL, "the node agent failed", String.valueOf(e.getMessage()));
    }
    return switch (answer) {
      case CniAnswer.Added added ->
          new Answer(0, CniJson.result(request.version(), added.result()), added.afterwards());
      case CniAnswer.Done() -> new Answer(0, "");
      case CniAnswer.Failed failed -> new Answer(request.version().toString(), failed.error());
    };
  }
}
