package io.portolan.common.controller;

import io.portolan.common.api.v1alpha1.NetworkProfileSpec;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** Which profile a node follows. Pure. */
public final class ProfileSelection {
  private ProfileSelection() {}

  /**
   * The profile whose selector matches with the most labels, the first by name among equals; else
   * the one named {@code default}, if it has no selector.
   *
   * @param profiles by name
   * @param labels of the node
   */
  public static Optional<Map.Entry<String, NetworkProfileSpec>> of(
      SortedMap<String, NetworkProfileSpec> profiles, Map<String, String> labels) {
    return profiles.entrySet().stream()
        .filter(p -> selects(p.getValue(), labels))
        .max(
            Comparator.<Map.Entry<String, NetworkProfileSpec>>comparingInt(
                    p -> selector(p.getValue()).size())
                .thenComparing(Map.Entry::getKey, Comparator.reverseOrder()))
        .or(() ->
            Optional.ofNullable(profiles.get("default"))
                .filter(spec -> selector(spec).isEmpty())
                .map(spec -> Map.entry("default", spec)));
  }

  private static boolean selects(NetworkProfileSpec spec, Map<String, String> labels) {
    return !selector(spec).isEmpty() && labels.entrySet().containsAll(selector(spec).entrySet());
  }

  private static Map<String, String> selector(NetworkProfileSpec spec) {
    return spec.nodeSelector() == null ? Map.of() : spec.nodeSelector();
  }
}
