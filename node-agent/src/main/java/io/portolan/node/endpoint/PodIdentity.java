package io.portolan.node.endpoint;

/**
 * The Kubernetes pod that a container belongs to, as the kubelet names it in {@code CNI_ARGS}.
 *
 * @param namespace the pod's namespace
 * @param name the pod's name
 * @param uid the pod's UID; the container id where the runtime does not pass a UID
 */
public record PodIdentity(String namespace, String name, String uid) {
  public PodIdentity {
    if (namespace.isEmpty() || name.isEmpty() || uid.isEmpty()) {
      throw new IllegalArgumentException("namespace, name and uid of a pod must not be empty");
    }
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
