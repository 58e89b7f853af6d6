package io.portolan.sim.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.sim.kube.WriteOptions.Deletion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What makes a request wrong before it is looked at closely: pure. */
final class RequestChecks {
  private RequestChecks() {}

  static void identity(
      ResourceType type, String namespace, @Nullable String name, ObjectNode body) {
    String kind = body.path("kind").asText();
    String apiVersion = body.path("apiVersion").asText();
    if ((!kind.isEmpty() && !kind.equals(type.kind()))
        || (!apiVersion.isEmpty() && !apiVersion.equals(type.apiVersion()))) {
      throw ApiFailure.badRequest(
          "the object provided is "
              + apiVersion
              + " "
              + kind
              + ", not "
              + type.apiVersion()
              + " "
              + type.kind());
    }
    String bodyNamespace = body.path("metadata").path("namespace").asText();
    if (!bodyNamespace.isEmpty() && !bodyNamespace.equals(namespace) && type.namespaced()) {
      throw ApiFailure.badRequest(
          "the namespace of the provided object does not match the namespace sent on the request");
    }
    String bodyName = ObjectRules.name(body);
    if (name != null && !bodyName.isEmpty() && !bodyName.equals(name)) {
      throw ApiFailure.badRequest(
          "the name of the object ("
              + bodyName
              + ") does not match the name on the URL ("
              + name
              + ")");
    }
  }

  static void version(ResourceType type, ObjectKey key, ObjectNode old, ObjectNode wanted) {
    String version = wanted.path("metadata").path("resourceVersion").asText();
    if (!version.isEmpty()
        && !version.equals(old.path("metadata").path("resourceVersion").asText())) {
      throw ApiFailure.modified(type, key.name());
    }
    String uid = wanted.path("metadata").path("uid").asText();
    String actual = old.path("metadata").path("uid").asText();
    if (!uid.isEmpty() && !uid.equals(actual)) {
      throw ApiFailure.conflict(
          type,
          key.name(),
          "Precondition failed: UID in precondition: " + uid + ", UID in object meta: " + actual);
    }
  }

  static void declared(ResourceType type, ObjectKey key, ObjectNode config) {
    List<String> unknown = type.schema().map(schema -> schema.undeclared(config)).orElse(List.of());
    if (!unknown.isEmpty()) {
      throw ApiFailure.bare(
          "failed to create typed patch object ("
              + key.namespace()
              + "/"
              + key.name()
              + "; "
              + type.apiVersion()
              + ", Kind="
              + type.kind()
              + "): ."
              + unknown.getFirst()
              + ": field not declared in schema");
    }
  }

  static void preconditions(ResourceType type, ObjectKey key, ObjectNode old, Deletion deletion) {
    JsonNode metadata = old.path("metadata");
    if (deletion.uid() != null && !deletion.uid().equals(metadata.path("uid").asText())) {
      throw ApiFailure.conflict(
          type,
          key.name(),
          "Precondition failed: UID in precondition: "
              + deletion.uid()
              + ", UID in object meta: "
              + metadata.path("uid").asText());
    }
    String version = metadata.path("resourceVersion").asText();
    if (deletion.resourceVersion() != null && !deletion.resourceVersion().equals(version)) {
      throw ApiFailure.conflict(
          type,
          key.name(),
          "Precondition failed: ResourceVersion in precondition: "
              + deletion.resourceVersion()
              + ", ResourceVersion in object meta: "
              + version);
    }
  }
}
