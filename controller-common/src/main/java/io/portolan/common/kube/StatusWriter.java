package io.portolan.common.kube;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the newest value per key, never an older one and never the same one twice in a row.
 *
 * <p>Values that arrive while a write is under way replace one another; a key is written at most
 * once per {@code interval}; a write that failed for a passing reason is repeated with back-off
 * unless a newer value came. One virtual thread writes, so a slow API server delays values and
 * piles up nothing.
 */
public final class StatusWriter<K, V> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StatusWriter.class);
  private static final Backoff BACKOFF =
      new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30));

  private final Effect<K, V> effect;
  private final Duration interval;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.
  private final Map<K, Entry<V>> entries = new LinkedHashMap<>();
  private boolean closed;

  /** Writes one value; blocks. */
  public interface Effect<K, V> {
    KubeResult<?> write(K key, V value);
  }

  private static final class Entry<V> {
    private @Nullable V wanted;
    private @Nullable V written;
    private long notBefore = System.nanoTime();
    private int failures;
  }

  /**
   * @param name of what is written, for logs and the thread
   * @param interval between two writes of one key
   */
  public StatusWriter(String name, Duration interval, Effect<K, V> effect) {
    this.effect = effect;
    this.interval = interval;
    this.thread = Thread.ofVirtual().name("write-" + name).start(this::run);
  }

  /** Writes {@code value} soon, unless a newer one comes first or it is what was last written. */
  public void submit(K key, V value) {
    locked(() -> {
      entries.computeIfAbsent(key, k -> new Entry<>()).wanted = value;
      changed.signal();
    });
  }

  /** Forgets a key, for objects that are gone. */
  public void forget(K key) {
    locked(() -> entries.remove(key));
  }

  private void locked(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  private record Job<K, V>(K key, Entry<V> entry, V value) {}

  private void run() {
    while (true) {
      Job<K, V> job = next();
      if (job == null) {
        return;
      }
      KubeResult<?> result = write(job);
      locked(() -> finish(job, result));
    }
  }

  private KubeResult<?> write(Job<K, V> job) {
    try {
      return effect.write(job.key, job.value);
    } catch (RuntimeException e) {
      LOG.error("writing {} failed", job.key, e);
      return new KubeResult.Failed<>(KubeFault.noAnswer(e.toString()));
    }
  }

  private void finish(Job<K, V> job, KubeResult<?> result) {
    Entry<V> entry = job.entry;
    Duration pause = interval;
    if (result instanceof KubeResult.Failed<?>(KubeFault fault)) {
      entry.failures++;
      Duration backoff = BACKOFF.delay(entry.failures, ThreadLocalRandom.current());
      pause = fault.retryAfter().filter(r -> r.compareTo(backoff) > 0).orElse(backoff);
      if (!fault.isPassing() && fault.kind() != KubeFault.Kind.CONFLICT) {
        LOG.warn("writing {} was refused: {}", job.key, fault);
      }
    } else {
      entry.failures = 0;
      entry.written = job.value;
    }
    entry.notBefore = System.nanoTime() + pause.toNanos();
  }

  /** Waits for the next value that is due; null once closed. */
  private @Nullable Job<K, V> next() {
    lock.lock();
    try {
      while (!closed) {
        long now = System.nanoTime();
        long wait = TimeUnit.HOURS.toNanos(1);
        for (Map.Entry<K, Entry<V>> candidate : entries.entrySet()) {
          Entry<V> entry = candidate.getValue();
          V wanted = entry.wanted;
          if (wanted == null || wanted.equals(entry.written)) {
            continue;
          }
          if (entry.notBefore - now <= 0) {
            return new Job<>(candidate.getKey(), entry, wanted);
          }
          wait = Math.min(wait, entry.notBefore - now);
        }
        changed.awaitNanos(wait);
      }
      return null;
    } catch (InterruptedException e) {
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Stops; a write under way is finished, waiting values are dropped. */
  @Override
  public void close() {
    locked(() -> {
      closed = true;
      changed.signal();
    });
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
