package io.portolan.sim.kube;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.sim.kube.ObjectStore.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One watch: the steps of the store as the events that its selection sees.
 *
 * <p>An object that comes to match is ADDED, one that ceases to match is DELETED. A watcher that
 * falls {@value #CAPACITY} steps behind is cut off, as a real server does.
 */
final class WatchStream {
  private static final int CAPACITY = 10_000;

  private final ResourceType type;
  private final String namespace;
  private final Predicate<ObjectNode> selected;
  private final boolean bookmarks;
  private final BlockingQueue<Step> queue = new ArrayBlockingQueue<>(CAPACITY);
  private volatile boolean ended;
  private long shown;

  WatchStream(
      ResourceType type, String namespace, Predicate<ObjectNode> selected, boolean bookmarks) {
    this.type = type;
    this.namespace = namespace;
    this.selected = selected;
    this.bookmarks = bookmarks;
  }

  /** Where events go. */
  interface Sink {
    void send(ObjectNode event) throws IOException;
  }

  /** Called under the store's lock: only enqueues. */
  void offer(Step step) {
    if (!queue.offer(step)) {
      ended = true;
    }
  }

  /** Ends the stream soon, without a word. */
  void end() {
    ended = true;
  }

  void startAt(long revision) {
    shown = revision;
  }

  /** Sends events until the deadline, the end of the stream or a broken connection. */
  void run(Sink sink, Duration timeout, Duration bookmarkInterval) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    long nextBookmark = System.nanoTime() + bookmarkInterval.toNanos();
    while (!ended && System.nanoTime() - deadline < 0) {
      Step step = next(Math.min(deadline, nextBookmark));
      if (ended) {
        return;
      }
      if (step != null) {
        shown = step.revision();
        Optional<ObjectNode> event = event(step);
        if (event.isPresent()) {
          sink.send(event.get());
        }
      } else if (bookmarks && System.nanoTime() - nextBookmark >= 0) {
        sink.send(bookmark(false));
      }
      if (System.nanoTime() - nextBookmark >= 0) {
        nextBookmark = System.nanoTime() + bookmarkInterval.toNanos();
      }
    }
    if (bookmarks && !ended) {
      sink.send(bookmark(false));
    }
  }

  private @Nullable Step next(long until) {
    // Short waits, because dropped watches and a stopping server end within one.
    long nanos = Math.min(until - System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(50));
    try {
      return nanos > 0 ? queue.poll(nanos, TimeUnit.NANOSECONDS) : queue.poll();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      ended = true;
      return null;
    }
  }

  private Optional<ObjectNode> event(Step step) {
    if (!step.key().groupResource().equals(type.groupResource())
        || (!namespace.isEmpty() && !step.key().namespace().equals(namespace))) {
      return Optional.empty();
    }
    ObjectNode before = step.before();
    ObjectNode after = step.after();
    boolean was = before != null && selected.test(before);
    boolean is = after != null && selected.test(after);
    if (!was && !is) {
      return Optional.empty();
    }
    if (!is) {
      // The last state that matched, under the version of the step that ended it.
      ObjectNode last = java.util.Objects.requireNonNull(before).deepCopy();
      ObjectRules.metadata(last).put("resourceVersion", Long.toString(step.revision()));
      return Optional.of(event("DELETED", last));
    }
    return Optional.of(event(was ? "MODIFIED" : "ADDED", java.util.Objects.requireNonNull(after)));
  }

  ObjectNode event(String kind, ObjectNode object) {
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    event.put("type", kind);
    event.set("object", Versions.as(type, object));
    return event;
  }

  ObjectNode bookmark(boolean initialEventsEnd) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("kind", type.kind()).put("apiVersion", type.apiVersion());
    ObjectNode metadata = object.putObject("metadata");
    metadata.put("resourceVersion", Long.toString(shown));
    metadata.putNull("creationTimestamp");
    if (initialEventsEnd) {
      metadata.putObject("annotations").put("k8s.io/initial-events-end", "true");
    }
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    event.put("type", "BOOKMARK");
    event.set("object", object);
    return event;
  }
}
