package io.portolan.linux.nft.simulated;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/** Changes maps and lists in place, and can take it all back: a transaction of small cost. */
final class UndoLog {
  private final Deque<Runnable> undo = new ArrayDeque<>();

  <K, V> void put(Map<K, V> map, K key, V value) {
    @Nullable V old = map.put(key, value);
    undo.push(() -> {
      if (old == null) {
        map.remove(key);
      } else {
        map.put(key, old);
      }
    });
  }

  <K, V> void remove(Map<K, V> map, K key) {
    @Nullable V old = map.remove(key);
    if (old != null) {
      undo.push(() -> map.put(key, old));
    }
  }

  <K, V> void clear(NavigableMap<K, V> map) {
    List<Map.Entry<K, V>> old = List.copyOf(map.entrySet());
    map.clear();
    undo.push(() -> old.forEach(entry -> map.put(entry.getKey(), entry.getValue())));
  }

  /** For lists, which are short here: keeps a copy. */
  <T> void change(List<T> list, Runnable change) {
    List<T> old = new ArrayList<>(list);
    change.run();
    undo.push(() -> {
      list.clear();
      list.addAll(old);
    });
  }

  void rollBack() {
    while (!undo.isEmpty()) {
      undo.pop().run();
    }
  }
}
