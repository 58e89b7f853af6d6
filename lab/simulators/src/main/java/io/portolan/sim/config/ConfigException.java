package io.portolan.sim.config;

/** A document that does not say what it should; the message names the field and the remedy. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ConfigException(String field, String complaint) {
    super(field + ": " + complaint);
  }

  public ConfigException(String field, String complaint, Throwable cause) {
    super(field + ": " + complaint, cause);
  }
}
