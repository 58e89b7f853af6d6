package io.portolan.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Where cases come from and answers go. */
final class CaseStreams {
  private static final int GZIP_BUFFER = 1 << 16;

  private CaseStreams() {}

  /**
   * @param option its name, for messages
   * @param file {@code -} for standard input; decompressed if it ends in {@code .gz}
   */
  static InputStream open(CommandSpec spec, String option, String file) throws IOException {
    if (file.equals("-")) {
      return System.in;
    }
    Path path = Path.of(file);
    if (!Files.isReadable(path) || Files.isDirectory(path)) {
      throw new ParameterException(
          spec.commandLine(), option + " " + file + ": there is no such file to read");
    }
    InputStream in = Files.newInputStream(path);
    return file.endsWith(".gz") ? new GZIPInputStream(in, GZIP_BUFFER) : in;
  }

  /** Standard output that says when nobody reads it any more. */
  static OutputStream checkedOutput() {
    return new Checked();
  }

  private static final class Checked extends OutputStream {
    @Override
    public void write(int b) {
      System.out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      System.out.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      if (System.out.checkError()) {
        throw new IOException("standard output was closed");
      }
    }
  }
}
