package io.portolan.policy.reports;

import java.io.IOException;

/** Where lines of the flow log go. Used by one thread. */
public interface FlowSink extends AutoCloseable {

  /**
   * @param lines each ended by a line feed, in UTF-8
   * @throws IOException if not all of them were written; the next call tries anew
   */
  void write(byte[] lines) throws IOException;

  @Override
  void close();
}
