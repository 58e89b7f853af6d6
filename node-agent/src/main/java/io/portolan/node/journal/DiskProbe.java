package io.portolan.node.journal;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Whether a directory takes writes, found out by writing: free space says nothing of quotas,
 * read-only mounts and broken disks. Nothing is remembered, so the answer is good again as soon as
 * the disk is. Callable from any thread; as slow as the disk.
 */
public final class DiskProbe {
  /** Room for the records of some hundred pods; what is left below that is as good as none. */
  private static final int SPACE = 64 * 1024;

  private static final String FILE = "probe";

  private final Path directory;
  private final BooleanSupplier suspicious;

  /**
   * @param suspicious whether the disk failed to sync last time: then the probe is synced too
   */
  public DiskProbe(Path directory, BooleanSupplier suspicious) {
    this.directory = directory;
    this.suspicious = suspicious;
  }

  /** Why nothing can be written, in a few words; empty if it can. */
  public synchronized Optional<String> problem() {
    Path file = directory.resolve(FILE);
    try {
      try {
        DurableFile.write(file, new byte[SPACE], suspicious.getAsBoolean());
      } finally {
        Files.deleteIfExists(file);
      }
      return Optional.empty();
    } catch (FileSystemException e) {
      return Optional.of(Optional.ofNullable(e.getReason()).orElseGet(e::toString));
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
