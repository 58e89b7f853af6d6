package io.portolan.common.kube;

/**
 * Which objects a watch is about.
 *
 * @param namespace empty for all, and for cluster-scoped resources
 * @param labelSelector empty for all
 * @param fieldSelector empty for all; such as {@code spec.nodeName=node-1}
 */
public record WatchScope(
    ResourcePath resource, String namespace, String labelSelector, String fieldSelector) {

  /** Every object of a resource. */
  public static WatchScope all(ResourcePath resource) {
    return new WatchScope(resource, "", "", "");
  }

  /** One cluster-scoped object. */
  public static WatchScope one(ResourcePath resource, String name) {
    return new WatchScope(resource, "", "", "metadata.name=" + name);
  }

  public WatchScope withFieldSelector(String selector) {
    return new WatchScope(resource, namespace, labelSelector, selector);
  }

  public WatchScope withLabelSelector(String selector) {
    return new WatchScope(resource, namespace, selector, fieldSelector);
  }

  public WatchScope inNamespace(String name) {
    return new WatchScope(resource, name, labelSelector, fieldSelector);
  }

  String listPath(int pageSize, String continueToken) {
    String path = resource.collection(namespace) + "?limit=" + pageSize + selectors();
    return continueToken.isEmpty()
        ? path
        : path + "&continue=" + ResourcePath.encode(continueToken);
  }

  String watchPath(String resourceVersion, long timeoutSeconds) {
    return resource.collection(namespace)
        + "?watch=true&allowWatchBookmarks=true&timeoutSeconds="
        + timeoutSeconds
        + "&resourceVersion="
        + ResourcePath.encode(resourceVersion)
        + selectors();
  }

  private String selectors() {
    String query = "";
    if (!labelSelector.isEmpty()) {
      query += "&labelSelector=" + ResourcePath.encode(labelSelector);
    }
    if (!fieldSelector.isEmpty()) {
      query += "&fieldSelector=" + ResourcePath.encode(fieldSelector);
    }
    return query;
  }

  @Override
  public String toString() {
    String selector = (labelSelector + " " + fieldSelector).strip();
    return resource.plural()
        + (namespace.isEmpty() ? "" : " in " + namespace)
        + (selector.isEmpty() ? "" : " where " + selector);
  }
}
