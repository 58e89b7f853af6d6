package io.portolan.policy.status;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * A condition in the status of a policy ({@code metav1.Condition}).
 *
 * @param holds whether its status is True
 * @param reason one CamelCase word
 * @param generation of the policy that it speaks of
 * @param since when it came to hold or not to, RFC 3339
 */
public record PolicyCondition(
    Type type, boolean holds, String reason, String message, long generation, String since) {

  /** Of those that we write. */
  public enum Type {
    /** All of the policy is understood. */
    ACCEPTED("Accepted"),

    /** No node is known whose kernel refuses it. */
    PROGRAMMED("Programmed");

    private final String api;

    Type(String api) {
      this.api = api;
    }

    /** As the API has it. */
    String api() {
      return api;
    }
  }

  /** From the object's status; empty where it is not there. */
  public static Optional<PolicyCondition> read(JsonNode object, Type type) {
    for (JsonNode one : object.path("status").path("conditions")) {
      if (one.path("type").asText("").equals(type.api())) {
        return Optional.of(
            new PolicyCondition(
                type,
                one.path("status").asText("").equals("True"),
                one.path("reason").asText(""),
                one.path("message").asText(""),
                one.path("observedGeneration").asLong(0),
                one.path("lastTransitionTime").asText("")));
      }
    }
    return Optional.empty();
  }

  void write(ObjectNode into) {
    into.put("type", type.api()).put("status", holds ? "True" : "False");
    into.put("reason", reason).put("message", message);
    into.put("observedGeneration", generation).put("lastTransitionTime", since);
  }

  /** The same but for the time. */
  boolean says(PolicyCondition other) {
    return type == other.type
        && holds == other.holds
        && reason.equals(other.reason)
        && message.equals(other.message)
        && generation == other.generation;
  }
}
