package io.portolan.sim.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.sim.kube.schema.StructuralSchema;
import io.portolan.sim.kube.schema.StructuralSchema.Violation;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a write may change of an object, and what the server fills in: pure rules. */
final class ObjectRules {
  private static final Pattern SUBDOMAIN =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  /** Metadata that only the server writes. */
  private static final List<String> SERVER_METADATA =
      List.of(
          "uid",
          "creationTimestamp",
          "generation",
          "deletionTimestamp",
          "deletionGracePeriodSeconds",
          "selfLink");

  private ObjectRules() {}

  static String timestamp(Instant now) {
    return now.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  static ObjectNode metadata(ObjectNode object) {
    return object.get("metadata") instanceof ObjectNode metadata
        ? metadata
        : object.putObject("metadata");
  }

  static String name(ObjectNode object) {
    return object.path("metadata").path("name").asText();
  }

  /** The object as it is first stored, in place. */
  static void prepareCreate(ResourceType type, ObjectNode object, String uid, Instant now) {
    ObjectNode metadata = metadata(object);
    SERVER_METADATA.forEach(metadata::remove);
    metadata.remove("resourceVersion");
    metadata.put("uid", uid);
    metadata.put("creationTimestamp", timestamp(now));
    if (type.generation()) {
      metadata.put("generation", 1);
    }
    if (type.status() && (type.isCustom() || type.kind().equals("Pod"))) {
      object.remove("status");
    }
    BuiltInDefaults.apply(type, object);
  }

  /**
   * What is stored when {@code wanted} is written over {@code old}.
   *
   * @param subresource empty or {@code status}
   */
  static ObjectNode prepareUpdate(
      ResourceType type, ObjectNode old, ObjectNode wanted, String subresource) {
    ObjectNode next;
    if (subresource.equals("status")) {
      next = old.deepCopy();
      replace(next, "status", wanted.get("status"));
      if (!type.isCustom() && wanted.get("metadata") instanceof ObjectNode metadata) {
        next.set("metadata", metadata.deepCopy());
      }
    } else {
      next = wanted.deepCopy();
      if (type.status()) {
        replace(next, "status", old.get("status"));
      }
    }
    next.put("kind", old.path("kind").asText());
    next.put("apiVersion", old.path("apiVersion").asText());
    ObjectNode metadata = metadata(next);
    ObjectNode oldMetadata = metadata(old);
    for (String field : SERVER_METADATA) {
      replace(metadata, field, oldMetadata.get(field));
    }
    replace(metadata, "name", oldMetadata.get("name"));
    replace(metadata, "namespace", oldMetadata.get("namespace"));
    metadata.remove("resourceVersion");
    BuiltInDefaults.apply(type, next);
    return next;
  }

  private static void replace(ObjectNode object, String field, @Nullable JsonNode value) {
    if (value == null) {
      object.remove(field);
    } else {
      object.set(field, value);
    }
  }

  /** Counts a change of anything but metadata and status, in place. */
  static void countGeneration(ResourceType type, ObjectNode old, ObjectNode next) {
    if (type.generation() && !specification(type, old).equals(specification(type, next))) {
      metadata(next).put("generation", metadata(old).path("generation").asInt() + 1);
    }
  }

  private static ObjectNode specification(ResourceType type, ObjectNode object) {
    ObjectNode copy = object.deepCopy();
    copy.remove("metadata");
    if (type.status()) {
      copy.remove("status");
    }
    return copy;
  }

  /** Whether a write would change nothing that anybody can see. */
  static boolean isSame(ObjectNode old, ObjectNode next) {
    return withoutBookkeeping(old).equals(withoutBookkeeping(next));
  }

  private static ObjectNode withoutBookkeeping(ObjectNode object) {
    ObjectNode copy = object.deepCopy();
    ObjectNode metadata = metadata(copy);
    metadata.remove("resourceVersion");
    for (JsonNode entry : metadata.path("managedFields")) {
      ((ObjectNode) entry).remove("time");
    }
    return copy;
  }

  /** Prunes, fills in defaults and validates; in place. */
  static void validate(ResourceType type, ObjectNode object) {
    String name = name(object);
    List<Violation> violations = new ArrayList<>();
    if (name.length() > 253 || !SUBDOMAIN.matcher(name).matches()) {
      violations.add(
          new Violation(
              "metadata.name",
              "FieldValueInvalid",
              "Invalid value: \""
                  + name
                  + "\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric"
                  + " characters, '-' or '.', and must start and end with an alphanumeric"
                  + " character"));
    }
    Optional<StructuralSchema> schema = type.schema();
    if (schema.isPresent()) {
      schema.get().pruneAndDefault(object);
      Json.sort(object);
      violations.addAll(schema.get().validate(object));
    }
    if (!violations.isEmpty()) {
      throw ApiFailure.invalid(type, name, violations);
    }
  }

  /** Whether anything still holds up the deletion of an object that is being deleted. */
  static boolean isFinalized(ObjectNode object) {
    JsonNode metadata = object.path("metadata");
    return metadata.has("deletionTimestamp")
        && metadata.path("finalizers").isEmpty()
        && metadata.path("deletionGracePeriodSeconds").asLong() == 0;
  }

  /** How long a deleted pod is left to its node: 0 if it never ran or is done. */
  static long gracePeriod(ResourceType type, ObjectNode object, @Nullable Long asked) {
    if (!type.kind().equals("Pod") || type.isCustom()) {
      return 0;
    }
    String phase = object.path("status").path("phase").asText();
    boolean done = phase.equals("Succeeded") || phase.equals("Failed");
    if (!object.path("spec").hasNonNull("nodeName") || done) {
      return 0;
    }
    long grace =
        asked != null
            ? asked
            : object.path("spec").path("terminationGracePeriodSeconds").asLong(30);
    JsonNode running = object.path("metadata").path("deletionGracePeriodSeconds");
    return running.isNumber() ? Math.min(grace, running.asLong()) : grace;
  }

  /** A CRD as it is once established. */
  static void establish(ObjectNode crd, Instant now) {
    ObjectNode status = crd.withObjectProperty("status");
    status.set("acceptedNames", crd.path("spec").path("names").deepCopy());
    ArrayNode versions = JsonNodeFactory.instance.arrayNode();
    for (JsonNode version : crd.path("spec").path("versions")) {
      if (version.path("storage").asBoolean()) {
        versions.add(version.path("name"));
      }
    }
    status.set("storedVersions", versions);
    if (status.has("conditions")) {
      return;
    }
    ArrayNode conditions = status.putArray("conditions");
    for (String condition : List.of("NamesAccepted", "Established")) {
      conditions
          .addObject()
          .put("type", condition)
          .put("status", "True")
          .put("lastTransitionTime", timestamp(now))
          .put("reason", condition.equals("Established") ? "InitialNamesAccepted" : "NoConflicts")
          .put(
              "message",
              condition.equals("Established")
                  ? "the initial names have been accepted"
                  : "no conflicts found");
    }
  }
}
