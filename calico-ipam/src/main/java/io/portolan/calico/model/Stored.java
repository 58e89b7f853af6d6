package io.portolan.calico.model;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * An object as the API server has, or had, it.
 *
 * @param value what it says
 * @param origin the whole object, never changed; a write repeats what is not understood of it
 */
public record Stored<T>(T value, ObjectNode origin) {
  public String name() {
    return origin.path("metadata").path("name").asText();
  }

  /** Tells it from another object of the same name. */
  public String uid() {
    return origin.path("metadata").path("uid").asText();
  }

  /** Names this state of it. */
  public String resourceVersion() {
    return origin.path("metadata").path("resourceVersion").asText();
  }

  public boolean isTerminating() {
    return origin.path("metadata").hasNonNull("deletionTimestamp");
  }
}
