package io.portolan.common.cloud;

/**
 * The cloud's identifier of a network interface: ENI id, NIC resource id, instance and {@code
 * nic0}.
 */
public record InterfaceId(String value) implements Comparable<InterfaceId> {
  public InterfaceId {
    if (value.isBlank()) {
      throw new IllegalArgumentException("an interface id is blank");
    }
  }

  @Override
  public int compareTo(InterfaceId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
