package io.portolan.common.select;

import java.util.Map;

/**
 * Pods, and what else has labels, by namespace and labels. Equal queries share one set in the
 * kernel.
 *
 * @param view what the selectors see
 */
public record PodQuery(NamespaceScope namespaces, Selector pods, View view) {

  /** Whose labels selectors are asked about. */
  public enum View {
    /** Pods, by the labels of the objects: Kubernetes' selectors. */
    OWN,

    /**
     * Pods and network sets, by their own labels and what they inherit ({@link
     * io.portolan.common.select.expression.EndpointLabels}): Calico's selectors.
     */
    INHERITED
  }

  /** A query of Kubernetes. */
  public PodQuery(NamespaceScope namespaces, Selector pods) {
    this(namespaces, pods, View.OWN);
  }

  /** The labels are those of the query's view. */
  public boolean matches(
      String namespace, Map<String, String> namespaceLabels, Map<String, String> podLabels) {
    return namespaces.includes(namespace, namespaceLabels) && pods.matches(podLabels);
  }

  /** The same for what is in no namespace. */
  public boolean matchesGlobal(Map<String, String> labels) {
    return namespaces.includesGlobal() && pods.matches(labels);
  }

  /**
   * {@code default: app == 'web'}, or {@code default: app == 'web' (inherited)}; the canonical
   * spelling.
   */
  public String text() {
    String text = namespaces.text() + ": " + pods.text();
    return switch (view) {
      case OWN -> text;
      case INHERITED -> text + " (inherited)";
    };
  }
}
