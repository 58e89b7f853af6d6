package io.portolan.policy.model;

/** Namespace and name of a Kubernetes Service. */
public record ServiceName(String namespace, String name) {
  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
