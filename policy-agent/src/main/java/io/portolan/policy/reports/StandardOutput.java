package io.portolan.policy.reports;

import java.io.IOException;
import java.io.PrintStream;

/** The process's standard output; its log goes to standard error. */
public record StandardOutput(PrintStream out) implements FlowSink {
  @Override
  public void write(byte[] lines) throws IOException {
    out.write(lines);
    if (out.checkError()) {
      throw new IOException("standard output takes nothing any more");
    }
  }

  @Override
  public void close() {
    out.flush();
  }
}
