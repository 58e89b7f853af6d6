package io.portolan.calico.node;

import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.ObjectKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The objects of one kind, as a watch brings them. Used by one thread. */
final class Followed<T> {
  /** An object by name. */
  record Named<T>(String name, T value) {}

  private final Map<String, T> byName = new HashMap<>();
  private boolean synced;

  /** What tells objects apart: the name, with the namespace before it where there is one. */
  static String name(ObjectKey key) {
    return key.namespace().isEmpty() ? key.name() : key.namespace() + "/" + key.name();
  }

  /** Whether anything changed. */
  boolean take(KubeEvent<Named<T>> event) {
    return switch (event) {
      case KubeEvent.Synced<Named<T>>(List<Named<T>> objects, boolean _) -> {
        Map<String, T> next = new HashMap<>();
        objects.forEach(o -> next.put(o.name(), o.value()));
        boolean changed = !synced || !next.equals(byName);
        byName.clear();
        byName.putAll(next);
        synced = true;
        yield changed;
      }
      case KubeEvent.Upsert<Named<T>>(Named<T> object) ->
          !object.value().equals(byName.put(object.name(), object.value()));
      case KubeEvent.Delete<Named<T>> gone -> byName.remove(name(gone.key())) != null;
      case KubeEvent.Disconnected<Named<T>> _, KubeEvent.Resumed<Named<T>> _ -> false;
    };
  }

  /** Events of objects that may be unusable, or on their way out: those count as gone. */
  static <T> List<KubeEvent<Named<T>>> present(KubeEvent<Named<Optional<T>>> event) {
    return switch (event) {
      case KubeEvent.Synced<Named<Optional<T>>>(List<Named<Optional<T>>> objects, boolean served) ->
          List.of(
              new KubeEvent.Synced<>(
                  objects.stream()
                      .filter(o -> o.value().isPresent())
                      .map(o -> new Named<>(o.name(), o.value().get()))
                      .toList(),
                  served));
      case KubeEvent.Upsert<Named<Optional<T>>>(
              Named<Optional<T>>(String name, Optional<T> value)) ->
          value.isPresent()
              ? List.of(new KubeEvent.Upsert<>(new Named<>(name, value.get())))
              : List.of(new KubeEvent.Delete<>(new ObjectKey("", name), ""));
      case KubeEvent.Delete<Named<Optional<T>>>(ObjectKey key, String uid) ->
          List.of(new KubeEvent.Delete<>(key, uid));
      case KubeEvent.Disconnected<Named<Optional<T>>> _, KubeEvent.Resumed<Named<Optional<T>>> _ ->
          List.of();
    };
  }

  /** Whether everything there is was read once. */
  boolean isSynced() {
    return synced;
  }

  Collection<T> all() {
    return byName.values();
  }
}
