package io.portolan.common.cloud;

/** The name of a Kubernetes node. */
public record NodeName(String value) implements Comparable<NodeName> {
  public NodeName {
    if (value.isBlank()) {
      throw new IllegalArgumentException("a node name is blank");
    }
  }

  @Override
  public int compareTo(NodeName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
