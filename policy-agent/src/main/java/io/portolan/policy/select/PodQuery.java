package io.portolan.policy.select;

import java.util.Map;

/** Pods by namespace and labels. Equal queries share one set in the kernel. */
public record PodQuery(NamespaceScope namespaces, Selector pods) {

  public boolean matches(
      String namespace, Map<String, String> namespaceLabels, Map<String, String> podLabels) {
    return namespaces.includes(namespace, namespaceLabels) && pods.matches(podLabels);
  }

  /** {@code default: app == 'web'}; the canonical spelling. */
  public String text() {
    return namespaces.text() + ": " + pods.text();
  }
}
