package io.portolan.lab.control;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The directory of one lab: logs, sockets and mount points of namespaces.
 *
 * <p>A lab holds a lock on a file in it for as long as it lives; the kernel drops the lock with the
 * process. A directory whose lock is free is therefore what a killed lab left, and may be removed:
 * everything else of a lab dies with its process namespace.
 */
public final class LabDirectory implements AutoCloseable {
  private static final String LOCK = "lock";
  private static final String SOCKET = "control.sock";

  private final Path path;
  private final FileChannel lockFile;

  @SuppressWarnings("unused") // held, not read: its release frees the directory
  private final FileLock lock;

  private LabDirectory(Path path, FileChannel lockFile, FileLock lock) {
    this.path = path;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /** Where labs keep their directories, as the front door script computed it for this user. */
  public static Path root() {
    String configured = System.getProperty("portolan.lab.dir");
    return Path.of(
        configured != null
            ? configured
            : System.getProperty("java.io.tmpdir")
                + "/portolan-lab-"
                + System.getProperty("user.name"));
  }

  /**
   * A fresh directory for a lab.
   *
   * @param name the lab's name
   * @return empty if a lab of that name is running
   */
  public static Optional<LabDirectory> claim(Path root, String name) throws IOException {
    Path path = root.resolve(name);
    Files.createDirectories(root);
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
    Files.createDirectories(path);
    FileChannel file =
        FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock;
    try {
      lock = file.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      file.close();
      return Optional.empty();
    }
    deleteContents(path, LOCK);
    return Optional.of(new LabDirectory(path, file, lock));
  }

  /** Names of directories that a killed lab left behind; they are removed. */
  public static List<String> sweep(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(root)) {
      return entries
          .filter(Files::isDirectory)
          .filter(LabDirectory::removeIfAbandoned)
          .map(p -> p.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  /**
   * A lab that runs now.
   *
   * @param socket where its {@link ControlServer} listens
   */
  public record Running(String name, Path socket) {}

  /** The labs that run now, by name. */
  public static List<Running> running(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(root)) {
      return entries
          .map(path -> new Running(path.getFileName().toString(), path.resolve(SOCKET)))
          .filter(lab -> Files.exists(lab.socket()))
          .sorted(Comparator.comparing(Running::name))
          .toList();
    }
  }

  private static boolean removeIfAbandoned(Path path) {
    try (FileChannel file =
            FileChannel.open(
                path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = file.tryLock()) {
      if (lock == null) {
        return false;
      }
      deleteContents(path, "");
      Files.delete(path);
      return true;
    } catch (OverlappingFileLockException e) {
      return false; // ours
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + path + ", left by a killed lab", e);
    }
  }

  private static void deleteContents(Path path, String except) throws IOException {
    try (Stream<Path> entries = Files.walk(path)) {
      for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
        if (!entry.equals(path) && !entry.equals(path.resolve(except))) {
          Files.delete(entry);
        }
      }
    }
  }

  public Path path() {
    return path;
  }

  /** A file or directory in it. */
  public Path resolve(String name) {
    return path.resolve(name);
  }

  /** Where {@link ControlServer} listens. */
  public Path controlSocket() {
    return path.resolve(SOCKET);
  }

  /** Removes the directory; the logs in it go too. */
  @Override
  public void close() throws IOException {
    deleteContents(path, "");
    Files.deleteIfExists(path);
    lockFile.close();
  }
}
