package io.portolan.sim.kube.patch;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** JSON patch (RFC 6902): add, remove, replace, move, copy and test, all or nothing. */
public final class JsonPatch {
  /** As many operations as a real API server accepts. */
  private static final int MAX_OPERATIONS = 10_000;

  private JsonPatch() {}

  /**
   * @throws PatchException if an operation is malformed, misses its target or fails its test
   */
  public static JsonNode apply(JsonNode target, JsonNode patch) {
    if (!patch.isArray() || patch.size() > MAX_OPERATIONS) {
      throw new PatchException(
          "a JSON patch is a list of at most " + MAX_OPERATIONS + " operations");
    }
    JsonNode result = target.deepCopy();
    for (JsonNode operation : patch) {
      result = applyOne(result, operation);
    }
    return result;
  }

  private static JsonNode applyOne(JsonNode root, JsonNode operation) {
    String verb = operation.path("op").asText();
    JsonPointer path = pointer(operation, "path");
    return switch (verb) {
      case "add" -> add(root, path, value(operation));
      case "remove" -> remove(root, path);
      case "replace" -> {
        existing(root, path);
        yield replace(root, path, value(operation));
      }
      case "move" -> {
        JsonPointer from = pointer(operation, "from");
        JsonNode moved = existing(root, from).deepCopy();
        yield add(remove(root, from), path, moved);
      }
      case "copy" -> add(root, path, existing(root, pointer(operation, "from")).deepCopy());
      case "test" -> {
        JsonNode actual = root.at(path);
        if (!actual.equals(value(operation))
            && !(actual.isMissingNode() && value(operation).isNull())) {
          throw new PatchException("testing value " + path + " failed");
        }
        yield root;
      }
      default -> throw new PatchException("unknown operation '" + verb + "'");
    };
  }

  private static JsonPointer pointer(JsonNode operation, String field) {
    try {
      return JsonPointer.compile(operation.path(field).asText("?"));
    } catch (IllegalArgumentException e) {
      throw new PatchException(field + " is no JSON pointer: " + operation.path(field));
    }
  }

  private static JsonNode value(JsonNode operation) {
    JsonNode value = operation.get("value");
    if (value == null) {
      throw new PatchException("operation without a value: " + operation);
    }
    return value.deepCopy();
  }

  private static JsonNode existing(JsonNode root, JsonPointer path) {
    JsonNode found = root.at(path);
    if (found.isMissingNode()) {
      throw new PatchException("nothing at " + path);
    }
    return found;
  }

  private static JsonNode add(JsonNode root, JsonPointer path, JsonNode value) {
    if (path.matches()) {
      return value;
    }
    JsonNode parent = existing(root, path.head());
    String last = path.last().getMatchingProperty();
    switch (parent) {
      case ObjectNode object -> object.set(last, value);
      case ArrayNode array ->
          array.insert(last.equals("-") ? array.size() : index(last, array.size()), value);
      default -> throw new PatchException("nothing can be added at " + path);
    }
    return root;
  }

  private static JsonNode replace(JsonNode root, JsonPointer path, JsonNode value) {
    if (path.matches()) {
      return value;
    }
    JsonNode parent = existing(root, path.head());
    String last = path.last().getMatchingProperty();
    switch (parent) {
      case ObjectNode object -> object.set(last, value);
      case ArrayNode array -> array.set(index(last, array.size() - 1), value);
      default -> throw new PatchException("nothing can be replaced at " + path);
    }
    return root;
  }

  private static JsonNode remove(JsonNode root, JsonPointer path) {
    existing(root, path);
    if (path.matches()) {
      throw new PatchException("the whole object cannot be removed");
    }
    String last = path.last().getMatchingProperty();
    switch (existing(root, path.head())) {
      case ObjectNode object -> object.remove(last);
      case ArrayNode array -> array.remove(index(last, array.size() - 1));
      default -> throw new PatchException("nothing can be removed at " + path);
    }
    return root;
  }

  private static int index(String text, int max) {
    boolean digits =
        !text.isEmpty() && text.length() < 9 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    int index = digits ? Integer.parseInt(text) : -1;
    if (index < 0 || index > max) {
      throw new PatchException("no list position " + text);
    }
    return index;
  }
}
