package io.portolan.policy.select;

import java.util.Map;

/**
 * Pods, and what else has labels, by namespace and labels. Equal queries share one set in the
 * kernel.
 */
public record PodQuery(NamespaceScope namespaces, Selector pods) {

  public boolean matches(
      String namespace, Map<String, String> namespaceLabels, Map<String, String> podLabels) {
    return namespaces.includes(namespace, namespaceLabels) && pods.matches(podLabels);
  }

  /** The same for what is in no namespace. */
  public boolean matchesGlobal(Map<String, String> labels) {
    return namespaces.includesGlobal() && pods.matches(labels);
  }

  /** {@code default: app == 'web'}; the canonical spelling. */
  public String text() {
    return namespaces.text() + ": " + pods.text();
  }
}
