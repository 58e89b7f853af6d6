package io.portolan.node.cni;

import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One invocation of the plugin from its inputs to its outputs, without the socket around it. */
public final class CniProtocol {
  private static final Logger LOG = LoggerFactory.getLogger(CniProtocol.class);

  private final CniHandler handler;

  public CniProtocol(CniHandler handler) {
    this.handler = handler;
  }

  /**
   * What the plugin's process prints and exits with.
   *
   * @param exitCode 0 for success, 1 for an error
   * @param text standard output
   */
  public record Output(int exitCode, String text) {}

  /** Never throws: whatever happens, the runtime gets an answer it can read. */
  public Output invoke(Map<String, String> environment, String input) {
    return switch (CniRequestReader.read(environment, input)) {
      case CniRequestReader.VersionAsked asked -> new Output(0, CniJson.versions(asked.version()));
      case CniRequestReader.Invalid invalid -> failed(invalid.version(), invalid.error());
      case CniRequestReader.Valid valid -> answer(valid.request());
    };
  }

  static Output failed(String version, CniError error) {
    return new Output(1, CniJson.error(version, error));
  }

  private Output answer(CniRequest request) {
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
          new Output(0, CniJson.result(request.version(), added.result()));
      case CniAnswer.Done() -> new Output(0, "");
      case CniAnswer.Failed failed -> failed(request.version().toString(), failed.error());
    };
  }
}
