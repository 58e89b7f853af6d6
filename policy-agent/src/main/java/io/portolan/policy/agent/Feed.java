package io.portolan.policy.agent;

import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.ObjectKey;
import io.portolan.policy.model.ClusterChange;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Turns one watch into changes. After a new list it says what is gone since the last one, which
 * nobody else would.
 *
 * @param <T> what the watch decodes
 */
final class Feed<T> implements Consumer<KubeEvent<T>> {
  private final Function<T, ObjectKey> key;
  private final Function<T, Optional<ClusterChange>> seen;
  private final Function<ObjectKey, ClusterChange> gone;
  private final Consumer<ClusterChange> sink;
  private final Runnable listed;
  private final Reachability reachability;
  private Set<ObjectKey> known = new HashSet<>();

  /**
   * @param seen the change an object means; empty if it cannot be understood, which counts as gone
   * @param listed runs after each complete list
   * @param reachability hears when the watch breaks and goes on
   */
  Feed(
      Function<T, ObjectKey> key,
      Function<T, Optional<ClusterChange>> seen,
      Function<ObjectKey, ClusterChange> gone,
      Consumer<ClusterChange> sink,
      Runnable listed,
      Reachability reachability) {
    this.key = key;
    this.seen = seen;
    this.gone = gone;
    this.sink = sink;
    this.listed = listed;
    this.reachability = reachability;
  }

  @Override
  public void accept(KubeEvent<T> event) {
    switch (event) {
      case KubeEvent.Synced<T> all -> {
        reachability.back(this);
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
      case KubeEvent.Disconnected<T> lost -> reachability.lost(this, lost.reason());
      case KubeEvent.Resumed<T> _ -> reachability.back(this);
    }
  }

  private void upsert(T object) {
    known.add(key.apply(object));
    sink.accept(seen.apply(object).orElseGet(() -> gone.apply(key.apply(object))));
  }
}
