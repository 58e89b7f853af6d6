package io.portolan.sim.kube;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.sim.kube.patch.ManagedFields.Conflict;
import io.portolan.sim.kube.schema.StructuralSchema.Violation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A refusal: carries the {@code Status} object that a real API server would answer with. */
public final class ApiFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;
  private final transient ObjectNode status;

  private ApiFailure(int code, String reason, String message) {
    super(message);
    this.code = code;
    status = JsonNodeFactory.instance.objectNode();
    status.put("kind", "Status");
    status.put("apiVersion", "v1");
    status.putObject("metadata");
    status.put("status", "Failure");
    status.put("message", message);
    status.put("reason", reason);
    status.put("code", code);
  }

  /** The HTTP status code. */
  public int code() {
    return code;
  }

  /** Such as {@code Conflict}, {@code AlreadyExists}, {@code NotFound}. */
  public String reason() {
    return status.path("reason").asText();
  }

  /** The whole answer. */
  public ObjectNode status() {
    return status;
  }

  private ApiFailure about(ResourceType type, String name) {
    ObjectNode details = status.withObjectProperty("details");
    details.put("name", name);
    if (!type.group().isEmpty()) {
      details.put("group", type.group());
    }
    details.put("kind", type.plural());
    return this;
  }

  private ArrayNode causes() {
    return status.withObjectProperty("details").withArrayProperty("causes");
  }

  private static String named(ResourceType type, String name) {
    return type.groupResource() + " \"" + name + "\"";
  }

  static ApiFailure notFound(ResourceType type, String name) {
    return new ApiFailure(404, "NotFound", named(type, name) + " not found").about(type, name);
  }

  static ApiFailure noSuchResource() {
    return new ApiFailure(404, "NotFound", "the server could not find the requested resource");
  }

  static ApiFailure alreadyExists(ResourceType type, String name) {
    return new ApiFailure(409, "AlreadyExists", named(type, name) + " already exists")
        .about(type, name);
  }

  static ApiFailure conflict(ResourceType type, String name, String why) {
    return new ApiFailure(
            409, "Conflict", "Operation cannot be fulfilled on " + named(type, name) + ": " + why)
        .about(type, name);
  }

  static ApiFailure modified(ResourceType type, String name) {
    return conflict(
        type,
        name,
        "the object has been modified; please apply your changes to the latest version and try"
            + " again");
  }

  static ApiFailure applyConflicts(List<Conflict> conflicts) {
    String text = "Apply failed with 1 conflict: ";
    if (conflicts.size() == 1) {
      text += conflicts.getFirst().message() + ": " + conflicts.getFirst().field();
    } else {
      Map<String, List<String>> fields = new LinkedHashMap<>();
      for (Conflict conflict : conflicts) {
        fields
            .computeIfAbsent(
                conflict.message().replaceFirst("conflict", "conflicts"), m -> new ArrayList<>())
            .add("- " + conflict.field());
      }
      List<String> groups = new ArrayList<>();
      fields.forEach((message, list) -> groups.add(message + ":\n" + String.join("\n", list)));
      text = "Apply failed with " + conflicts.size() + " conflicts: " + String.join("\n", groups);
    }
    ApiFailure failure = new ApiFailure(409, "Conflict", text);
    for (Conflict conflict : conflicts) {
      failure
          .causes()
          .addObject()
          .put("reason", "FieldManagerConflict")
          .put("message", conflict.message())
          .put("field", conflict.field());
    }
    return failure;
  }

  static ApiFailure invalid(ResourceType type, String name, List<Violation> violations) {
    List<String> lines = violations.stream().map(v -> v.field() + ": " + v.message()).toList();
    String what = type.group().isEmpty() ? type.kind() : type.kind() + "." + type.group();
    String text =
        what
            + " \""
            + name
            + "\" is invalid: "
            + (lines.size() == 1 ? lines.getFirst() : "[" + String.join(", ", lines) + "]");
    ApiFailure failure = new ApiFailure(422, "Invalid", text).about(type, name);
    failure.status.withObjectProperty("details").put("kind", type.kind());
    for (Violation violation : violations) {
      failure
          .causes()
          .addObject()
          .put("reason", violation.reason())
          .put("message", violation.message())
          .put("field", violation.field());
    }
    return failure;
  }

  static ApiFailure badRequest(String message) {
    return new ApiFailure(400, "BadRequest", message);
  }

  static ApiFailure unauthorized() {
    return new ApiFailure(401, "Unauthorized", "Unauthorized");
  }

  static ApiFailure forbidden(ResourceType type, String name, String why) {
    return new ApiFailure(403, "Forbidden", named(type, name) + " is forbidden: " + why)
        .about(type, name);
  }

  /** As authorization says it, which looks at names only. */
  static ApiFailure forbidden(String resource) {
    return new ApiFailure(403, "Forbidden", resource + " is forbidden: User cannot access it");
  }

  static ApiFailure methodNotAllowed() {
    return new ApiFailure(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
  }

  static ApiFailure unsupportedMediaType(String type) {
    return new ApiFailure(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - " + type + " is not accepted here");
  }

  static ApiFailure unprocessable(String message) {
    return new ApiFailure(422, "Invalid", message);
  }

  static ApiFailure expired(String message) {
    return new ApiFailure(410, "Expired", message);
  }

  static ApiFailure tooLarge(int limit) {
    return new ApiFailure(
        413, "RequestEntityTooLarge", "Request entity too large: limit is " + limit);
  }

  static ApiFailure tooManyRequests(int retryAfterSeconds) {
    ApiFailure failure =
        new ApiFailure(
            429,
            "TooManyRequests",
            "the server has received too many requests and has asked us to try again later");
    failure.status.withObjectProperty("details").put("retryAfterSeconds", retryAfterSeconds);
    return failure;
  }

  static ApiFailure internal(String message) {
    return new ApiFailure(500, "InternalError", "Internal error occurred: " + message);
  }

  /** A real server wraps some errors of its own in a bare 500. */
  static ApiFailure bare(String message) {
    ApiFailure failure = new ApiFailure(500, "", message);
    failure.status.remove("reason");
    return failure;
  }

  static ApiFailure futureVersion(long asked, long current) {
    return new ApiFailure(
        504, "Timeout", "Timeout: Too large resource version: " + asked + ", current: " + current);
  }
}
