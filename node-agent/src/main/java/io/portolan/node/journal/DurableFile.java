package io.portolan.node.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;

/** A small file that is replaced as a whole: whatever dies, it has the old content or the new. */
public final class DurableFile {
  private DurableFile() {}

  /**
   * @throws IOException if the new content is not on disk for sure; no draft is left then
   */
  public static void replace(Path file, byte[] content) throws IOException {
    replace(file, content, Optional.empty());
  }

  /**
   * @param permissions of the file, from its first moment under this name
   * @throws IOException as {@link #replace(Path, byte[])}
   */
  public static void replace(Path file, byte[] content, Set<PosixFilePermission> permissions)
      throws IOException {
    replace(file, content, Optional.of(permissions));
  }

  private static void replace(
      Path file, byte[] content, Optional<Set<PosixFilePermission>> permissions)
      throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    try {
      write(draft, content, true);
      if (permissions.isPresent()) {
        Files.setPosixFilePermissions(draft, permissions.get());
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // What could not be finished must not take the space that the journal needs.
      Files.deleteIfExists(draft);
      throw e;
    }
    syncDirectory(file.toAbsolutePath().resolveSibling(""));
  }

  /**
   * Writes a file from its beginning; one that is there loses its content.
   *
   * @param synced whether to return only when the content is on the disk
   */
  static void write(Path file, byte[] content, boolean synced) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      if (synced) {
        channel.force(true);
      }
    }
  }

  /** Brings to the disk which files the directory has. */
  static void syncDirectory(Path directory) throws IOException {
    try (FileChannel handle = FileChannel.open(directory, StandardOpenOption.READ)) {
      handle.force(true);
    }
  }
}
