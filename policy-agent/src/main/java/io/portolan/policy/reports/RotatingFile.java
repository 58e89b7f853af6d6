package io.portolan.policy.reports;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * A file that is set aside when it is full: {@code flows.log}, {@code flows.log.1}, and so on, the
 * oldest with the highest number. Only its owner may read it. A crash in the middle of turning
 * leaves a gap in the numbers.
 */
public final class RotatingFile implements FlowSink {
  private final Path path;
  private final long mostBytes;
  private final int kept;
  private Optional<FileChannel> open = Optional.empty();

  /**
   * @param mostBytes of one file, at least 1
   * @param kept how many full ones are kept, 0 or more
   */
  public RotatingFile(Path path, long mostBytes, int kept) {
    if (mostBytes < 1 || kept < 0) {
      throw new IllegalArgumentException("at least 1 byte and 0 files: " + mostBytes + ", " + kept);
    }
    this.path = path;
    this.mostBytes = mostBytes;
    this.kept = kept;
  }

  @Override
  public void write(byte[] lines) throws IOException {
    try {
      FileChannel file = channel();
      long size = file.size();
      if (size > 0 && size + lines.length > mostBytes) {
        turn();
        file = channel();
      }
      append(file, lines);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  /** All of it or, as on a full disk, nothing: half a line would spoil the next one. */
  private static void append(FileChannel file, byte[] lines) throws IOException {
    long before = file.size();
    try {
      ByteBuffer left = ByteBuffer.wrap(lines);
      while (left.hasRemaining()) {
        file.write(left);
      }
    } catch (IOException e) {
      file.truncate(before);
      throw e;
    }
  }

  private FileChannel channel() throws IOException {
    // Somebody else may have moved it away, which is as good as turning.
    if (open.isPresent() && Files.exists(path)) {
      return open.get();
    }
    close();
    FileChannel opened =
        FileChannel.open(
            path,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    open = Optional.of(opened);
    return opened;
  }

  private void turn() throws IOException {
    close();
    for (int i = kept; i > 0; i--) {
      Path older = i == 1 ? path : numbered(i - 1);
      if (Files.exists(older)) {
        Files.move(older, numbered(i), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.deleteIfExists(path);
  }

  private Path numbered(int number) {
    return path.resolveSibling(path.getFileName() + "." + number);
  }

  @Override
  public void close() {
    open.ifPresent(file -> {
      try {
        file.close();
      } catch (IOException e) {
        // Nothing was buffered, so nothing is lost.
      }
    });
    open = Optional.empty();
  }
}
