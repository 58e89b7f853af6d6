package io.portolan.sim.kube;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All objects, ordered by key, under one revision counter, with a bounded log of changes.
 *
 * <p>Stored objects are never modified: a change stores another node. One lock; what runs under it
 * is computation only. Subscribers are called under it, in revision order, and must only enqueue.
 */
final class ObjectStore {
  /**
   * One step of the store.
   *
   * @param before null if the object is new
   * @param after null if the object is gone
   * @param last what a watcher is shown: {@code after}, or the last state with the revision of the
   *     deletion
   */
  record Step(
      long revision,
      ObjectKey key,
      @Nullable ObjectNode before,
      @Nullable ObjectNode after,
      ObjectNode last) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final NavigableMap<ObjectKey, ObjectNode> objects = new TreeMap<>();
  private final Deque<Step> log = new ArrayDeque<>();
  private final List<Consumer<Step>> subscribers = new ArrayList<>();
  private final int logCapacity;
  private long revision = 1;
  private long compacted;

  ObjectStore(int logCapacity) {
    this.logCapacity = logCapacity;
  }

  /** Runs {@code work} alone: nothing changes in between. */
  <T> T exclusively(Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  long revision() {
    return exclusively(() -> revision);
  }

  @Nullable ObjectNode get(ObjectKey key) {
    lock.lock();
    try {
      return objects.get(key);
    } finally {
      lock.unlock();
    }
  }

  /** Objects of a resource, in key order; an empty namespace means all. */
  List<Map.Entry<ObjectKey, ObjectNode>> list(String groupResource, String namespace) {
    return exclusively(() -> {
      List<Map.Entry<ObjectKey, ObjectNode>> found = new ArrayList<>();
      for (Map.Entry<ObjectKey, ObjectNode> entry :
          objects.tailMap(new ObjectKey(groupResource, namespace, "")).entrySet()) {
        ObjectKey key = entry.getKey();
        if (!key.groupResource().equals(groupResource)
            || (!namespace.isEmpty() && !key.namespace().equals(namespace))) {
          break;
        }
        found.add(Map.entry(key, entry.getValue()));
      }
      return found;
    });
  }

  /** Everything in a namespace, whatever its resource. */
  List<ObjectKey> inNamespace(String namespace) {
    return exclusively(
        () -> objects.keySet().stream().filter(k -> k.namespace().equals(namespace)).toList());
  }

  /** Stores {@code object} under the next revision, which it is stamped with. */
  ObjectNode put(ObjectKey key, ObjectNode object) {
    return exclusively(() -> {
      revision++;
      ObjectNode stamped = stamp(object);
      ObjectNode before = objects.put(key, stamped);
      record(new Step(revision, key, before, stamped, stamped));
      return stamped;
    });
  }

  /** Removes an object that exists; returns its last state. */
  ObjectNode remove(ObjectKey key) {
    return exclusively(() -> {
      ObjectNode before = objects.remove(key);
      if (before == null) {
        throw new IllegalStateException(key + " is not stored");
      }
      revision++;
      ObjectNode last = stamp(before);
      record(new Step(revision, key, before, null, last));
      return last;
    });
  }

  private ObjectNode stamp(ObjectNode object) {
    ObjectNode stamped = object.deepCopy();
    stamped.withObjectProperty("metadata").put("resourceVersion", Long.toString(revision));
    return stamped;
  }

  private void record(Step step) {
    log.addLast(step);
    while (log.size() > logCapacity) {
      compacted = log.removeFirst().revision();
    }
    subscribers.forEach(s -> s.accept(step));
  }

  /** Forgets the steps up to now: watches from earlier revisions expire. */
  void compact() {
    lock.lock();
    try {
      log.clear();
      compacted = revision;
    } finally {
      lock.unlock();
    }
  }

  /** The oldest revision from which a watch can still start. */
  long compactedRevision() {
    return exclusively(() -> compacted);
  }

  /** Adds a subscriber after handing it the logged steps after {@code since}. */
  AutoCloseable subscribe(long since, Consumer<Step> subscriber) {
    lock.lock();
    try {
      if (since < compacted) {
        throw ApiFailure.expired("too old resource version: " + since + " (" + compacted + ")");
      }
      for (Step step : log) {
        if (step.revision() > since) {
          subscriber.accept(step);
        }
      }
      subscribers.add(subscriber);
    } finally {
      lock.unlock();
    }
    return () -> {
      lock.lock();
      try {
        subscribers.remove(subscriber);
      } finally {
        lock.unlock();
      }
    };
  }
}
