package io.portolan.policy.compile;

import io.portolan.common.select.PodQuery;
import io.portolan.common.select.QueryIndex;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** Queries by what they see; a cluster without queries of one view does not pay for it. */
final class ViewIndex<T> {
  private final Map<PodQuery.View, QueryIndex<T>> indexes = new EnumMap<>(PodQuery.View.class);

  ViewIndex() {
    for (PodQuery.View view : PodQuery.View.values()) {
      indexes.put(view, new QueryIndex<>());
    }
  }

  void add(PodQuery query, T value) {
    index(query.view()).add(query, value);
  }

  void remove(PodQuery query, T value) {
    index(query.view()).remove(query, value);
  }

  /** Hands over the value of each query that matches, each once, in no particular order. */
  void matching(PodView pod, Consumer<T> found) {
    indexes.forEach((view, index) -> {
      if (!index.isEmpty()) {
        index.matching(pod.namespace(), pod.namespaceLabels(view), pod.labels(view), found);
      }
    });
  }

  QueryIndex<T> index(PodQuery.View view) {
    return Objects.requireNonNull(indexes.get(view));
  }
}
