package io.portolan.common.cloud;

/**
 * One rate-limited operation of a cloud's API, as the cloud names it: {@code
 * AssignPrivateIpAddresses}.
 */
public record ApiOperation(String value) implements Comparable<ApiOperation> {
  public ApiOperation {
    if (value.isBlank()) {
      throw new IllegalArgumentException("an API operation is blank");
    }
  }

  @Override
  public int compareTo(ApiOperation other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
