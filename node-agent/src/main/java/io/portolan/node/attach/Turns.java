package io.portolan.node.attach;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One at a time for each key. A runtime should never ask twice at once about one container, but one
 * that gave up waiting for ADD does ask for DEL.
 */
final class Turns {
  private final Map<String, Queued> queues = new HashMap<>();

  private static final class Queued {
    private final ReentrantLock lock = new ReentrantLock(true);
    private int users;
  }

  /** Ends with {@link #close}. */
  final class Turn implements AutoCloseable {
    private final String key;
    private final Queued queued;

    private Turn(String key, Queued queued) {
      this.key = key;
      this.queued = queued;
    }

    @Override
    public void close() {
      queued.lock.unlock();
      synchronized (queues) {
        if (--queued.users == 0) {
          queues.remove(key);
        }
      }
    }
  }

  /** Waits for the key's turn. */
  Turn take(String key) {
    Queued queued;
    synchronized (queues) {
      queued = queues.computeIfAbsent(key, k -> new Queued());
      queued.users++;
    }
    queued.lock.lock();
    return new Turn(key, queued);
  }
}
