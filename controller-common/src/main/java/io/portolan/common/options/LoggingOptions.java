package io.portolan.common.options;

import io.portolan.common.logging.Logging;
import picocli.CommandLine.Option;

/** How a program logs. A {@code @Mixin} of its main; lower case is taken as well as upper. */
public final class LoggingOptions {
  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      defaultValue = "JSON",
      description =
          "${COMPLETION-CANDIDATES}: for collectors or for people. Default: ${DEFAULT-VALUE}.")
  private Logging.Format format = Logging.Format.JSON;

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      defaultValue = "INFO",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Logging.Threshold level = Logging.Threshold.INFO;

  /** Sets logging up as asked; to be called before anything is logged. */
  public void apply() {
    Logging.configure(format, level);
  }
}
