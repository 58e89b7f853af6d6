package io.portolan.common.kube;

import java.util.HashMap;
import java.util.Map;

/**
 * One instance per equal value, for the strings and label maps that thousands of objects share.
 *
 * <p>Bounded: when full it starts afresh, which costs memory for a while but never correctness.
 * Owned by one thread.
 */
final class Interner {
  private static final int CAPACITY = 16_384;
  private static final int LONGEST = 128;

  private final Map<String, String> strings = new HashMap<>();
  private final Map<SmallMap, SmallMap> maps = new HashMap<>();

  String intern(String text) {
    if (text.length() > LONGEST) {
      return text;
    }
    if (strings.size() >= CAPACITY) {
      strings.clear();
    }
    String first = strings.putIfAbsent(text, text);
    return first == null ? text : first;
  }

  SmallMap intern(SmallMap map) {
    if (maps.size() >= CAPACITY) {
      maps.clear();
    }
    SmallMap first = maps.putIfAbsent(map, map);
    return first == null ? map : first;
  }
}
