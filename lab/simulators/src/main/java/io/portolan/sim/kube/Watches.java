package io.portolan.sim.kube;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** The open watches of a server. */
final class Watches {
  /** A real server ends a watch after 30 to 60 minutes if the client names no time. */
  private static final long DEFAULT_TIMEOUT_SECONDS = 1800;

  private final ObjectStore store;
  private final Duration bookmarkInterval;
  private final Set<WatchStream> open = ConcurrentHashMap.newKeySet();

  Watches(ObjectStore store, Duration bookmarkInterval) {
    this.store = store;
    this.bookmarkInterval = bookmarkInterval;
  }

  void endAll() {
    open.forEach(WatchStream::end);
  }

  int openCount() {
    return open.size();
  }

  /** Starts the answer: nothing has been sent when a watch is refused before it. */
  interface Opening {
    WatchStream.Sink open() throws IOException;
  }

  /** Serves one watch to its end, on the calling thread. */
  void serve(ResourceType type, String namespace, Query query, Opening opening) throws IOException {
    Predicate<ObjectNode> selected =
        Selection.parse(query.text("labelSelector"), query.text("fieldSelector"));
    boolean initialEvents = query.flag("sendInitialEvents");
    if (initialEvents && !query.text("resourceVersionMatch").equals("NotOlderThan")) {
      throw ApiFailure.unprocessable(
          "resourceVersionMatch: Required value: sendInitialEvents requires NotOlderThan");
    }
    boolean bookmarks = query.flag("allowWatchBookmarks");
    WatchStream stream = new WatchStream(type, namespace, selected, bookmarks);
    long asked = query.number("resourceVersion").orElse(0);
    boolean fromState = asked == 0 || initialEvents;
    List<ObjectNode> initial = new ArrayList<>();
    AutoCloseable subscription;
    try {
      subscription =
          store.exclusively(() -> {
            long revision = store.revision();
            if (asked > revision) {
              throw ApiFailure.futureVersion(asked, revision);
            }
            boolean silent = query.parameters().containsKey("sendInitialEvents") && !initialEvents;
            if (fromState && !silent) {
              for (Map.Entry<ObjectKey, ObjectNode> entry :
                  store.list(type.groupResource(), namespace)) {
                if (selected.test(entry.getValue())) {
                  initial.add(entry.getValue());
                }
              }
            }
            stream.startAt(fromState ? revision : asked);
            return store.subscribe(fromState ? revision : asked, stream::offer);
          });
    } catch (ApiFailure expired) {
      if (expired.code() != 410) {
        throw expired;
      }
      // A real server has begun to answer when it finds the version gone.
      ObjectNode event = JsonNodeFactory.instance.objectNode();
      event.put("type", "ERROR");
      event.set("object", expired.status());
      opening.open().send(event);
      return;
    }
    open.add(stream);
    try (subscription) {
      WatchStream.Sink sink = opening.open();
      for (ObjectNode object : initial) {
        sink.send(stream.event("ADDED", object));
      }
      if (initialEvents && bookmarks) {
        sink.send(stream.bookmark(true));
      }
      long seconds = query.number("timeoutSeconds").orElse(DEFAULT_TIMEOUT_SECONDS);
      stream.run(sink, Duration.ofSeconds(seconds), bookmarkInterval);
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    } finally {
      open.remove(stream);
    }
  }
}
