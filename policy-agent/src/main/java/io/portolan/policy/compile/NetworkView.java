package io.portolan.policy.compile;

import io.portolan.common.select.PodQuery;
import java.util.Map;

/**
 * A network set as Calico's selectors see it at one moment; no other selector does.
 *
 * @param namespace empty if it is in none
 * @param labels its own and what it inherits
 */
record NetworkView(
    String namespace, Map<String, String> namespaceLabels, Map<String, String> labels) {

  boolean matches(PodQuery query) {
    return switch (query.view()) {
      case OWN -> false;
      case INHERITED ->
          namespace.isEmpty()
              ? query.matchesGlobal(labels)
              : query.matches(namespace, namespaceLabels, labels);
    };
  }
}
