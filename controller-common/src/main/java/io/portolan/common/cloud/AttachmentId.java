package io.portolan.common.cloud;

/**
 * The cloud's identifier of the bond between an interface and a machine, where it has one (EC2).
 */
public record AttachmentId(String value) implements Comparable<AttachmentId> {
  public AttachmentId {
    if (value.isBlank()) {
      throw new IllegalArgumentException("an attachment id is blank");
    }
  }

  @Override
  public int compareTo(AttachmentId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
