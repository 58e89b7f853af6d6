package io.portolan.common.pool;

/**
 * A condition without its transition time, which the writer knows.
 *
 * @param type {@code Ready}, {@code AddressesAvailable} or {@code Degraded}
 * @param reason one CamelCase word
 * @param message a sentence with what to do
 */
public record PoolCondition(String type, boolean holds, String reason, String message) {
  public static final String READY = "Ready";
  public static final String ADDRESSES_AVAILABLE = "AddressesAvailable";
  public static final String DEGRADED = "Degraded";

  @Override
  public String toString() {
    return type + "=" + (holds ? "True" : "False") + " " + reason + ": " + message;
  }
}
