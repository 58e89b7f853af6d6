package io.portolan.policy.cases;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * The lines of a stream, as bytes in one buffer that grows to the longest line. {@code \n} and
 * {@code \r\n} end a line; the last need not be ended.
 */
final class CaseLines {
  /** Of a line, in bytes, where nothing else is said. */
  static final int MAX_LINE = 16 << 20;

  private final InputStream in;
  private final Refill beforeRefill;
  private final int maxLine;
  private byte[] buffer = new byte[1 << 16];
  private int filled;
  private int next;
  private int start;
  private int end;
  private boolean oversize;

  /** Called before reading, which may block. */
  interface Refill {
    void run() throws IOException;
  }

  CaseLines(InputStream in, Refill beforeRefill) {
    this(in, beforeRefill, MAX_LINE);
  }

  /**
   * @param maxLine in bytes; longer lines are {@link #oversize}
   */
  CaseLines(InputStream in, Refill beforeRefill, int maxLine) {
    this.maxLine = maxLine;
    this.in = in;
    this.beforeRefill = beforeRefill;
  }

  byte[] buffer() {
    return buffer;
  }

  /** Of the current line in the buffer. */
  int start() {
    return start;
  }

  int length() {
    return end - start;
  }

  /** Whether the current line is longer than allowed; its content is gone then. */
  boolean oversize() {
    return oversize;
  }

  boolean isBlank() {
    for (int i = start; i < end; i++) {
      if (buffer[i] != ' ' && buffer[i] != '\t') {
        return false;
      }
    }
    return !oversize;
  }

  /** Goes on to the next line; false if there is none. */
  boolean advance() throws IOException {
    oversize = false;
    start = next;
    int scanned = next;
    while (true) {
      for (int i = scanned; i < filled; i++) {
        if (buffer[i] == '\n') {
          next = i + 1;
          end = i > start && buffer[i - 1] == '\r' ? i - 1 : i;
          return true;
        }
      }
      int unended = filled - start;
      if (!refill()) {
        next = filled;
        end = filled;
        return oversize || unended > 0;
      }
      scanned = start + (oversize ? 0 : unended);
    }
  }

  /** Reads more behind the line begun, which moves to the front of the buffer; false at the end. */
  private boolean refill() throws IOException {
    beforeRefill.run();
    int begun = filled - start;
    if (oversize || begun > maxLine) {
      oversize = true;
      begun = 0;
    }
    System.arraycopy(buffer, start, buffer, 0, begun);
    start = 0;
    filled = begun;
    if (filled == buffer.length) {
      buffer = Arrays.copyOf(buffer, 2 * buffer.length);
    }
    int read = in.read(buffer, filled, buffer.length - filled);
    if (read > 0) {
      filled += read;
    }
    return read >= 0;
  }
}
