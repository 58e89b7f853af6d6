package io.portolan.common.cloud;

/**
 * The cloud's identifier of a subnet; on Google, of a subnetwork and the name of one of its ranges.
 */
public record SubnetId(String value) implements Comparable<SubnetId> {
  public SubnetId {
    if (value.isBlank()) {
      throw new IllegalArgumentException("a subnet id is blank");
    }
  }

  @Override
  public int compareTo(SubnetId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
