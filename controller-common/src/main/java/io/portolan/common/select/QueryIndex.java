package io.portolan.common.select;

import io.portolan.common.select.LabelRestrictions.Restriction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.function.Consumer;

/**
 * Finds the queries that match a pod, among many.
 *
 * <p>GOAL: a changed pod costs what its own labels cost, not what the cluster's policies cost.
 *
 * <p>ALGORITHM: a query is filed under its namespace scope and, within it, under one label it
 * cannot do without (its anchor, {@link LabelRestrictions#anchor()}): under each of the values the
 * label may have, or under its key. Only what can do without any is asked every time, and what can
 * never match, never. A pod in namespace {@code shop} with {@code app=web} asks the drawers {@code
 * shop/app=web}, {@code shop/has app}, {@code shop/any}, and the same three of every distinct
 * namespace selector that takes {@code shop} in.
 *
 * <p>Not thread-safe: one thread owns it.
 *
 * @param <T> what the caller keeps with a query
 */
public final class QueryIndex<T> {
  private final Map<NamespaceScope, Drawer<T>> byNamespace = new HashMap<>();
  private final Map<NamespaceScope, Drawer<T>> bySelector = new LinkedHashMap<>();

  /** Files a query; one query may be filed with several values. */
  public void add(PodQuery query, T value) {
    drawer(query.namespaces()).add(new Entry<>(query, value));
  }

  /** Takes out what {@link #add} filed; nothing happens if it is not there. */
  public void remove(PodQuery query, T value) {
    Drawer<T> drawer = drawer(query.namespaces());
    drawer.remove(new Entry<>(query, value));
    if (drawer.isEmpty()) {
      byNamespace.remove(query.namespaces());
      bySelector.remove(query.namespaces());
    }
  }

  public boolean isEmpty() {
    return byNamespace.isEmpty() && bySelector.isEmpty();
  }

  /** Hands over the value of each query that matches, each once, in no particular order. */
  public void matching(
      String namespace,
      Map<String, String> namespaceLabels,
      Map<String, String> podLabels,
      Consumer<T> found) {
    Drawer<T> own = byNamespace.get(new NamespaceScope.Only(namespace));
    if (own != null) {
      own.matching(podLabels, found);
    }
    for (Map.Entry<NamespaceScope, Drawer<T>> scope : bySelector.entrySet()) {
      if (scope.getKey().includes(namespace, namespaceLabels)) {
        scope.getValue().matching(podLabels, found);
      }
    }
  }

  /** The same for what is in no namespace. */
  public void matchingGlobal(Map<String, String> labels, Consumer<T> found) {
    for (Map.Entry<NamespaceScope, Drawer<T>> scope : bySelector.entrySet()) {
      if (scope.getKey().includesGlobal()) {
        scope.getValue().matching(labels, found);
      }
    }
  }

  private Drawer<T> drawer(NamespaceScope scope) {
    return switch (scope) {
      case NamespaceScope.Only only -> byNamespace.computeIfAbsent(only, _ -> new Drawer<>());
      case NamespaceScope.Matching some -> bySelector.computeIfAbsent(some, _ -> new Drawer<>());
      case NamespaceScope.GlobalAnd some -> bySelector.computeIfAbsent(some, _ -> new Drawer<>());
    };
  }

  private record Entry<T>(PodQuery query, T value) {}

  /** The queries of one namespace scope. */
  private static final class Drawer<T> {
    private final Map<String, Map<String, List<Entry<T>>>> byValue = new HashMap<>();
    private final Map<String, List<Entry<T>>> byKey = new HashMap<>();
    private final List<Entry<T>> unanchored = new ArrayList<>();

    void add(Entry<T> entry) {
      switch (anchor(entry)) {
        case Anchor.Values(String key, NavigableSet<String> values) ->
            values.forEach(value ->
                byValue
                    .computeIfAbsent(key, _ -> new HashMap<>())
                    .computeIfAbsent(value, _ -> new ArrayList<>())
                    .add(entry));
        case Anchor.Key(String key) ->
            byKey.computeIfAbsent(key, _ -> new ArrayList<>()).add(entry);
        case Anchor.Anything() -> unanchored.add(entry);
        case Anchor.Nothing() -> {}
      }
    }

    void remove(Entry<T> entry) {
      switch (anchor(entry)) {
        case Anchor.Values(String key, NavigableSet<String> some) -> {
          Map<String, List<Entry<T>>> values = byValue.getOrDefault(key, new HashMap<>());
          some.forEach(value -> removeFrom(values, value, entry));
          if (values.isEmpty()) {
            byValue.remove(key);
          }
        }
        case Anchor.Key(String key) -> removeFrom(byKey, key, entry);
        case Anchor.Anything() -> unanchored.remove(entry);
        case Anchor.Nothing() -> {}
      }
    }

    boolean isEmpty() {
      return byValue.isEmpty() && byKey.isEmpty() && unanchored.isEmpty();
    }

    void matching(Map<String, String> labels, Consumer<T> found) {
      for (Map.Entry<String, String> label : labels.entrySet()) {
        Map<String, List<Entry<T>>> values = byValue.get(label.getKey());
        if (values != null) {
          offer(values.getOrDefault(label.getValue(), List.of()), labels, found);
        }
        offer(byKey.getOrDefault(label.getKey(), List.of()), labels, found);
      }
      offer(unanchored, labels, found);
    }

    private static <T> void offer(
        List<Entry<T>> candidates, Map<String, String> labels, Consumer<T> found) {
      for (Entry<T> candidate : candidates) {
        if (candidate.query().pods().matches(labels)) {
          found.accept(candidate.value());
        }
      }
    }

    private static <T> void removeFrom(
        Map<String, List<Entry<T>>> lists, String key, Entry<T> entry) {
      List<Entry<T>> list = lists.get(key);
      if (list != null) {
        list.remove(entry);
        if (list.isEmpty()) {
          lists.remove(key);
        }
      }
    }

    private static Anchor anchor(Entry<?> entry) {
      LabelRestrictions restrictions = LabelRestrictions.of(entry.query().pods());
      if (!restrictions.satisfiable()) {
        return new Anchor.Nothing();
      }
      return restrictions
          .anchor()
          .<Anchor>map(label ->
              switch (label.getValue()) {
                case Restriction.OneOf(var values) -> new Anchor.Values(label.getKey(), values);
                case Restriction.Present() -> new Anchor.Key(label.getKey());
              })
          .orElseGet(Anchor.Anything::new);
    }
  }

  /** Where in a drawer a query lies. */
  private sealed interface Anchor {
    record Values(String key, NavigableSet<String> values) implements Anchor {}

    record Key(String key) implements Anchor {}

    record Anything() implements Anchor {}

    record Nothing() implements Anchor {}
  }
}
