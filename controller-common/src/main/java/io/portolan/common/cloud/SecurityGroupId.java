package io.portolan.common.cloud;

/** The cloud's identifier of a security group (EC2, Azure ASG) or network tag (Google). */
public record SecurityGroupId(String value) implements Comparable<SecurityGroupId> {
  public SecurityGroupId {
    if (value.isBlank()) {
      throw new IllegalArgumentException("a security group id is blank");
    }
  }

  @Override
  public int compareTo(SecurityGroupId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
