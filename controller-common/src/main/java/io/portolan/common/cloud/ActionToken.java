package io.portolan.common.cloud;

/** Makes a repeated request the same request, where the cloud supports that (EC2 ClientToken). */
public record ActionToken(String value) implements Comparable<ActionToken> {
  public ActionToken {
    if (value.isBlank()) {
      throw new IllegalArgumentException("an action token is blank");
    }
  }

  @Override
  public int compareTo(ActionToken other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
