package io.portolan.policy;

import io.portolan.policy.reports.FlowSink;
import io.portolan.policy.reports.RotatingFile;
import io.portolan.policy.reports.SocketSink;
import io.portolan.policy.reports.StandardOutput;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of the flow log, shared by the agents. */
public final class FlowLogOptions {
  private static final String SOCKET = "unix:";
  private static final long MEBI = 1024 * 1024;

  @Option(
      names = "--flow-log",
      paramLabel = "FILE|unix:SOCKET|-",
      description =
          "Where connections that policy denies, or that a Log rule matches, are written as lines"
              + " of JSON: a file, a socket that somebody listens at, or - for standard output."
              + " Default: nowhere; packets are not copied then.")
  private String target = "";

  @Option(
      names = "--flow-log-size",
      paramLabel = "MIB",
      defaultValue = "50",
      description =
          "At this size the file is set aside as FILE.1, FILE.1 as FILE.2 and so on."
              + " Default: ${DEFAULT-VALUE}.")
  private int mebibytes;

  @Option(
      names = "--flow-log-keep",
      paramLabel = "FILES",
      defaultValue = "3",
      description = "How many of those are kept. Default: ${DEFAULT-VALUE}.")
  private int kept;

  /**
   * Empty if none is wanted.
   *
   * @throws IllegalArgumentException naming the option that is wrong
   */
  public Optional<FlowSink> sink() {
    if (mebibytes < 1 || mebibytes > 100_000) {
      throw new IllegalArgumentException("--flow-log-size must be from 1 to 100000: " + mebibytes);
    }
    if (kept < 0 || kept > 1000) {
      throw new IllegalArgumentException("--flow-log-keep must be from 0 to 1000: " + kept);
    }
    if (target.isEmpty()) {
      return Optional.empty();
    }
    if (target.equals("-")) {
      return Optional.of(new StandardOutput(System.out));
    }
    return Optional.of(
        target.startsWith(SOCKET)
            ? new SocketSink(Path.of(target.substring(SOCKET.length())))
            : new RotatingFile(Path.of(target), mebibytes * MEBI, kept));
  }
}
