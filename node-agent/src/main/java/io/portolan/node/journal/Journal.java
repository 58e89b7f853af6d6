package io.portolan.node.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An append-only file of records. {@link #append} hands bytes to the kernel, after which they
 * survive the death of the process; after {@link #sync} they survive the death of the machine. One
 * thread syncs; whatever was appended while a sync ran shares the next one, so a burst of pods
 * costs a handful of syncs.
 *
 * <p>A write cut short leaves a torn tail, which the next start cuts off. Compaction writes the
 * live records to a new file, syncs it, renames it over the old one and syncs the directory: at
 * every moment one of the two is whole.
 *
 * <p>{@link #append} and {@link #compact} are called by one at a time, the owner.
 */
public final class Journal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
  private static final String FILE = "attachments.journal";
  private static final String DRAFT = "attachments.journal.new";
  private static final String LOCK = "lock";

  /** Names the format; another version's file is refused rather than misread. */
  private static final byte[] MAGIC = {'P', 'T', 'L', 'N', 'J', 'N', 'L', 1};

  private final Path directory;
  private final FileChannel lockFile;
  private final List<JournalRecord> recovered;
  private final boolean first;
  private final Syncer syncer;
  private FileChannel file;
  private long length;

  private Journal(
      Path directory,
      FileChannel lockFile,
      FileChannel file,
      long length,
      List<JournalRecord> recovered,
      boolean first,
      Consumer<Duration> onSync) {
    this.directory = directory;
    this.lockFile = lockFile;
    this.file = file;
    this.length = length;
    this.recovered = recovered;
    this.first = first;
    this.syncer = new Syncer(file, onSync);
  }

  /**
   * Opens the journal in {@code directory}, making both if missing.
   *
   * @throws IOException if another process has it open, it is of another format, or the directory
   *     cannot be written
   */
  public static Journal open(Path directory) throws IOException {
    return open(directory, _ -> {});
  }

  /**
   * As {@link #open(Path)}.
   *
   * @param onSync told how long each sync took, on the syncing thread
   */
  public static Journal open(Path directory, Consumer<Duration> onSync) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    FileChannel lockFile =
        FileChannel.open(
            directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileChannel file = null;
    try {
      lock(lockFile, directory);
      Files.deleteIfExists(directory.resolve(DRAFT));
      file =
          FileChannel.open(
              directory.resolve(FILE),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      boolean first = file.size() < MAGIC.length;
      List<JournalRecord> records = new ArrayList<>();
      long length = read(file, records);
      DurableFile.syncDirectory(directory);
      return new Journal(directory, lockFile, file, length, List.copyOf(records), first, onSync);
    } catch (IOException | RuntimeException e) {
      lockFile.close();
      if (file != null) {
        file.close();
      }
      throw e;
    }
  }

  private static void lock(FileChannel lockFile, Path directory) throws IOException {
    FileLock lock = null;
    try {
      lock = lockFile.tryLock();
    } catch (OverlappingFileLockException e) {
      LOG.debug("the lock is held by this very process");
    }
    if (lock == null) {
      throw new IOException("another node agent uses " + directory);
    }
  }

  /** Reads whole records, cuts off a torn tail, and returns the length that is good. */
  private static long read(FileChannel file, List<JournalRecord> into) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
    while (bytes.hasRemaining() && file.read(bytes, bytes.position()) >= 0) {}
    bytes.flip();
    int head = Math.min(bytes.remaining(), MAGIC.length);
    if (!ByteBuffer.wrap(MAGIC, 0, head).equals(bytes.slice(0, head))) {
      throw new IOException("the journal is not of this version's format; it was left as it is");
    }
    if (head < MAGIC.length) {
      // A first start cut short: nothing was ever recorded.
      write(file, ByteBuffer.wrap(MAGIC), 0);
      file.force(true);
      return MAGIC.length;
    }
    bytes.position(MAGIC.length);
    Optional<JournalRecord> next = RecordCodec.decode(bytes);
    while (next.isPresent()) {
      into.add(next.get());
      next = RecordCodec.decode(bytes);
    }
    if (bytes.hasRemaining()) {
      LOG.warn("the journal ends in {} bytes of an unfinished write; cut off", bytes.remaining());
      file.truncate(bytes.position());
    }
    return bytes.position();
  }

  /** The records found at opening, oldest first. */
  public List<JournalRecord> recovered() {
    return recovered;
  }

  /** Whether the disk refused the last sync; from any thread. */
  public boolean lastSyncFailed() {
    return syncer.hasFailed();
  }

  /** Bytes in the file. */
  public long length() {
    return length;
  }

  /**
   * Hands the records to the kernel, all or none.
   *
   * @throws IOException if the disk is full or read-only; the journal is then as it was before
   */
  public void append(Collection<JournalRecord> records) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(0);
    for (JournalRecord record : records) {
      ByteBuffer frame = RecordCodec.encode(record);
      all =
          all.hasRemaining()
              ? ByteBuffer.allocate(all.remaining() + frame.remaining()).put(all).put(frame).flip()
              : frame;
    }
    int size = all.remaining();
    try {
      write(file, all, length);
    } catch (IOException e) {
      // A partial write must not stay: what is appended next would stand behind garbage.
      file.truncate(length);
      throw e;
    }
    length += size;
  }

  /**
   * Begins to bring to the disk what was appended so far. From any thread.
   *
   * @return completes when it is there; fails if the disk refuses
   */
  public CompletableFuture<Void> sync() {
    return syncer.syncAfterThis();
  }

  /**
   * Whether nothing had ever been recorded in the directory before it was opened this time, as on a
   * new machine.
   */
  public boolean isFirst() {
    return first;
  }

  /**
   * Replaces the whole content.
   *
   * @throws IOException if the new file cannot be written; the old one then stays in use
   */
  public void compact(Collection<JournalRecord> live) throws IOException {
    Path draft = directory.resolve(DRAFT);
    FileChannel compacted =
        FileChannel.open(
            draft,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try {
      long size = write(compacted, ByteBuffer.wrap(MAGIC), 0);
      for (JournalRecord record : live) {
        size += write(compacted, RecordCodec.encode(record), size);
      }
      compacted.force(true);
      Files.move(draft, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
      length = size;
    } catch (IOException e) {
      compacted.close();
      // What could not be finished must not take the space that appending needs.
      Files.deleteIfExists(draft);
      throw e;
    }
    FileChannel old = file;
    file = compacted;
    // Before the old file goes: a sync still owed for it is owed for its successor, which holds the
    // same facts and is synced already.
    syncer.use(compacted);
    old.close();
    DurableFile.syncDirectory(directory);
  }

  private static long write(FileChannel file, ByteBuffer bytes, long position) throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += file.write(bytes, at);
    }
    return at - position;
  }

  @Override
  public void close() throws IOException {
    syncer.close();
    file.close();
    lockFile.close();
  }
}
