package io.portolan.policy.agent;

import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.ObjectKey;
import io.portolan.policy.model.ClusterChange;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns one watch into changes. After a new list it says what is gone since the last one, which
 * nobody else would.
 *
 * @param <T> what the watch decodes
 */
final class Feed<T> implements Consumer<KubeEvent<T>> {
  private static final Logger LOG = LoggerFactory.getLogger(Feed.class);

  private final Function<T, ObjectKey> key;
  private final Function<T, Optional<ClusterChange>> seen;
  private final Function<ObjectKey, ClusterChange> gone;
  private final Consumer<ClusterChange> sink;
  private final Runnable listed;
  private Set<ObjectKey> known = new HashSet<>();

  /**
   * @param seen the change an object means; empty if it cannot be understood, which counts as gone
   * @param listed runs after each complete list
   */
  Feed(
      Function<T, ObjectKey> key,
      Function<T, Optional<ClusterChange>> seen,
      Function<ObjectKey, ClusterChange> gone,
      Consumer<ClusterChange> sink,
      Runnable listed) {
    this.key = key;
    this.seen = seen;
    this.gone = gone;
    this.sink = sink;
    this.listed = listed;
  }

  @Override
  public void accept(KubeEvent<T> event) {
    switch (event) {
      case KubeEvent.Synced<T> all -> {
        Set<ObjectKey> before = known;
        known = new HashSet<>();
        all.objects().forEach(this::upsert);
        before.removeAll(known);
        before.stream().sorted().forEach(missing -> sink.accept(gone.apply(missing)));
        listed.run();
      }
      case KubeEvent.Upsert<T> one -> upsert(one.object());
      case KubeEvent.Delete<T> one -> {
        known.remove(one.key());
        sink.accept(gone.apply(one.key()));
      }
      // Rules stay as they are meanwhile.
      case KubeEvent.Disconnected<T> lost -> LOG.warn("the API server is away: {}", lost.reason());
      case KubeEvent.Resumed<T> _ -> LOG.info("the API server is back");
    }
  }

  private void upsert(T object) {
    known.add(key.apply(object));
    sink.accept(seen.apply(object).orElseGet(() -> gone.apply(key.apply(object))));
  }
}
