package io.portolan.policy.compile;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What names in the kernel's reports stand for: prefixes of records, and counters. Written by the
 * compiling thread, read by any; a name is known as long as something in the table bears it.
 */
public final class ReportNames {
  private final Map<String, Held<Reported>> prefixes = new ConcurrentHashMap<>();
  private final Map<String, Held<Counted>> counters = new ConcurrentHashMap<>();

  /** Several chains may bear one name, always with the same meaning. */
  private record Held<T>(T meaning, int uses) {}

  ReportNames() {}

  /** What a record with this prefix was made for; empty if that is no more. */
  public Optional<Reported> ofPrefix(String prefix) {
    return Optional.ofNullable(prefixes.get(prefix)).map(Held::meaning);
  }

  /** The counters there are, by name. */
  public Map<String, Counted> counters() {
    Map<String, Counted> now = new TreeMap<>();
    counters.forEach((name, held) -> now.put(name, held.meaning()));
    return now;
  }

  void addPrefix(String prefix, Reported meaning) {
    add(prefixes, prefix, meaning);
  }

  void removePrefix(String prefix) {
    remove(prefixes, prefix);
  }

  /**
   * @return whether it is new
   */
  boolean addCounter(String name, Counted meaning) {
    return add(counters, name, meaning);
  }

  /**
   * @return whether it is gone
   */
  boolean removeCounter(String name) {
    return remove(counters, name);
  }

  private static <T> boolean add(Map<String, Held<T>> map, String name, T meaning) {
    Held<T> held =
        map.merge(name, new Held<>(meaning, 1), (old, _) -> new Held<>(meaning, old.uses() + 1));
    return held.uses() == 1;
  }

  private static <T> boolean remove(Map<String, Held<T>> map, String name) {
    return map.computeIfPresent(
            name, (_, old) -> old.uses() == 1 ? null : new Held<>(old.meaning(), old.uses() - 1))
        == null;
  }
}
