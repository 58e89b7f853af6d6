package io.portolan.common.kube;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Where a resource is served.
 *
 * @param group empty for the core group
 * @param plural as in URLs, such as {@code pods}
 */
public record ResourcePath(String group, String version, String plural) {
  public static final ResourcePath PODS = new ResourcePath("", "v1", "pods");
  public static final ResourcePath NODES = new ResourcePath("", "v1", "nodes");
  public static final ResourcePath NAMESPACES = new ResourcePath("", "v1", "namespaces");
  public static final ResourcePath EVENTS = new ResourcePath("", "v1", "events");
  public static final ResourcePath NETWORK_POLICIES =
      new ResourcePath("networking.k8s.io", "v1", "networkpolicies");
  public static final ResourcePath CLUSTER_NETWORK_POLICIES =
      new ResourcePath("policy.networking.k8s.io", "v1alpha2", "clusternetworkpolicies");
  public static final ResourcePath ENDPOINT_SLICES =
      new ResourcePath("discovery.k8s.io", "v1", "endpointslices");
  public static final ResourcePath LEASES = new ResourcePath("coordination.k8s.io", "v1", "leases");
  public static final ResourcePath NODE_NETWORKS =
      new ResourcePath("portolan.io", "v1alpha1", "nodenetworks");
  public static final ResourcePath NETWORK_PROFILES =
      new ResourcePath("portolan.io", "v1alpha1", "networkprofiles");

  public ResourcePath {
    if (version.isEmpty() || plural.isEmpty()) {
      throw new IllegalArgumentException("a resource path needs a version and a plural name");
    }
  }

  /** The {@code apiVersion} of its objects. */
  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  private String base() {
    return group.isEmpty() ? "/api/" + version : "/apis/" + group + "/" + version;
  }

  /**
   * All objects; of a namespaced resource those of every namespace if {@code namespace} is empty.
   */
  public String collection(String namespace) {
    return namespace.isEmpty()
        ? base() + "/" + plural
        : base() + "/namespaces/" + encode(namespace) + "/" + plural;
  }

  /** One object; {@code namespace} is empty for a cluster-scoped one. */
  public String object(String namespace, String name) {
    return collection(namespace) + "/" + encode(name);
  }

  /** The status subresource of one object. */
  public String status(String namespace, String name) {
    return object(namespace, name) + "/status";
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
