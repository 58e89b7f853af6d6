package io.portolan.sim.kube;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A resource path, taken apart.
 *
 * @param namespace empty for cluster-scoped resources and lists over all namespaces
 * @param name empty for collections
 * @param subresource empty for the object itself
 */
record RequestPath(
    String group,
    String version,
    String namespace,
    String plural,
    String name,
    String subresource) {

  private static final List<String> NAMESPACE_SUBRESOURCES = List.of("status", "finalize");

  /** Empty if the path is not that of a resource. */
  static Optional<RequestPath> parse(String path) {
    List<String> segments = Arrays.stream(path.split("/")).filter(s -> !s.isEmpty()).toList();
    if (segments.size() >= 3 && segments.getFirst().equals("api")) {
      return rest("", segments.get(1), segments.subList(2, segments.size()));
    }
    if (segments.size() >= 4 && segments.getFirst().equals("apis")) {
      return rest(segments.get(1), segments.get(2), segments.subList(3, segments.size()));
    }
    return Optional.empty();
  }

  private static Optional<RequestPath> rest(String group, String version, List<String> rest) {
    boolean namespaced =
        rest.getFirst().equals("namespaces")
            && rest.size() >= 3
            && !(group.isEmpty() && NAMESPACE_SUBRESOURCES.contains(rest.get(2)));
    String namespace = namespaced ? rest.get(1) : "";
    List<String> own = namespaced ? rest.subList(2, rest.size()) : rest;
    if (own.size() > 3) {
      return Optional.empty();
    }
    return Optional.of(
        new RequestPath(
            group,
            version,
            namespace,
            own.getFirst(),
            own.size() > 1 ? own.get(1) : "",
            own.size() > 2 ? own.get(2) : ""));
  }
}
