package io.portolan.common.cloud;

/**
 * The cloud's identifier of a machine: EC2 instance id, Azure VM resource id, Compute self link.
 */
public record InstanceId(String value) implements Comparable<InstanceId> {
  public InstanceId {
    if (value.isBlank()) {
      throw new IllegalArgumentException("an instance id is blank");
    }
  }

  @Override
  public int compareTo(InstanceId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
