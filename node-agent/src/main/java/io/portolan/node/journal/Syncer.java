package io.portolan.node.journal;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Syncs one file on a thread of its own; every request that came while a sync ran is served by the
 * next one (group commit).
 */
final class Syncer implements AutoCloseable {
  private final Object monitor = new Object();
  private final Thread thread;
  private final Consumer<Duration> onSync;
  private FileChannel file;
  private CompletableFuture<Void> next = new CompletableFuture<>();
  private boolean wanted;
  private boolean closed;
  private volatile boolean failed;

  Syncer(FileChannel file, Consumer<Duration> onSync) {
    this.file = file;
    this.onSync = onSync;
    thread = Thread.ofPlatform().daemon().name("journal-sync").start(this::run);
  }

  /** Completes when a sync that began after this call has ended. */
  CompletableFuture<Void> syncAfterThis() {
    synchronized (monitor) {
      wanted = true;
      monitor.notifyAll();
      return next;
    }
  }

  void use(FileChannel other) {
    synchronized (monitor) {
      file = other;
    }
  }

  /** One round of work: the file to sync and those who wait for it. */
  private record Round(FileChannel file, CompletableFuture<Void> promise) {}

  private void run() {
    for (Round round = await(); round != null; round = await()) {
      try {
        long begin = System.nanoTime();
        round.file.force(false);
        onSync.accept(Duration.ofNanos(System.nanoTime() - begin));
        failed = false;
        round.promise.complete(null);
      } catch (ClosedChannelException e) {
        // Compacted away in between: the facts are in the successor, which was synced first.
        if (isCurrent(round.file)) {
          round.promise.completeExceptionally(e);
        } else {
          round.promise.complete(null);
        }
      } catch (IOException e) {
        failed = true;
        round.promise.completeExceptionally(e);
      }
    }
  }

  /** Whether the disk refused the last sync. */
  boolean hasFailed() {
    return failed;
  }

  private @Nullable Round await() {
    synchronized (monitor) {
      while (!wanted && !closed) {
        try {
          monitor.wait();
        } catch (InterruptedException e) {
          closed = true;
        }
      }
      if (!wanted) {
        return null;
      }
      wanted = false;
      Round round = new Round(file, next);
      next = new CompletableFuture<>();
      return round;
    }
  }

  @SuppressWarnings("ReferenceEquality") // a channel has no other identity
  private boolean isCurrent(FileChannel candidate) {
    synchronized (monitor) {
      return candidate == file;
    }
  }

  @Override
  public void close() {
    synchronized (monitor) {
      closed = true;
      monitor.notifyAll();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
