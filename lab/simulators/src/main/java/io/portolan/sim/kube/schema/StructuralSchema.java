package io.portolan.sim.kube.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * The {@code openAPIV3Schema} of a CRD version: unknown fields are pruned, defaults filled in,
 * values validated, with the messages of a real API server.
 *
 * <p>Evaluated: type, nullable, required, enum, pattern, minimum, maximum, exclusive bounds,
 * lengths, item and property counts, list types, additionalProperties, int-or-string,
 * preserve-unknown-fields. Not evaluated: CEL rules, oneOf, anyOf, allOf, not, multipleOf, formats.
 */
public final class StructuralSchema {
  private final JsonNode root;
  private final Map<String, Pattern> patterns = new ConcurrentHashMap<>();

  public StructuralSchema(JsonNode root) {
    this.root = root.deepCopy();
  }

  /** One reason for refusal: {@code field} is a path such as {@code spec.ipam}. */
  public record Violation(String field, String reason, String message) {
    private static Violation invalid(String field, String value, String detail) {
      return new Violation(field, "FieldValueInvalid", "Invalid value: " + value + ": " + detail);
    }
  }

  /** How its values merge. */
  public Shape shape() {
    return Shape.ofSchema(root);
  }

  /** Removes what the schema does not know and fills in defaults, in place. */
  public void pruneAndDefault(ObjectNode object) {
    for (Map.Entry<String, JsonNode> property : root.path("properties").properties()) {
      JsonNode value = object.get(property.getKey());
      if (!isTypeMeta(property.getKey()) && value != null) {
        normalise(value, property.getValue());
      }
    }
    if (!root.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
      removeUnless(object, name -> isTypeMeta(name) || root.path("properties").has(name));
    }
    addDefaults(object, root);
  }

  /** Paths of fields that the schema does not know, in the object's order. */
  public List<String> undeclared(ObjectNode object) {
    List<String> found = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      if (!isTypeMeta(field.getKey())) {
        undeclared(
            field.getValue(), root.path("properties").path(field.getKey()), field.getKey(), found);
      }
    }
    return found;
  }

  private static void undeclared(JsonNode value, JsonNode schema, String path, List<String> found) {
    if (schema.isMissingNode()) {
      found.add(path);
    } else if (value instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        undeclared(array.get(i), schema.path("items"), path + "[" + i + "]", found);
      }
    } else if (value.isObject()
        && schema.isObject()
        && !schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
      for (Map.Entry<String, JsonNode> field : value.properties()) {
        JsonNode declared = schema.path("properties").path(field.getKey());
        undeclared(
            field.getValue(),
            declared.isMissingNode() ? schema.path("additionalProperties") : declared,
            path + "." + field.getKey(),
            found);
      }
    }
  }

  private static boolean isTypeMeta(String name) {
    return name.equals("apiVersion") || name.equals("kind") || name.equals("metadata");
  }

  private static void normalise(JsonNode value, JsonNode schema) {
    if (value instanceof ObjectNode object) {
      JsonNode properties = schema.path("properties");
      JsonNode additional = schema.path("additionalProperties");
      boolean keepsUnknown =
          schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()
              || additional.isObject()
              || additional.asBoolean(false);
      if (!keepsUnknown) {
        removeUnless(object, properties::has);
      }
      addDefaults(object, schema);
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        JsonNode declared = properties.path(field.getKey());
        if (!declared.isMissingNode()) {
          normalise(field.getValue(), declared);
        } else if (additional.isObject()) {
          // What is kept although no schema knows it is kept as a whole.
          normalise(field.getValue(), additional);
        }
      }
    } else if (value instanceof ArrayNode array) {
      array.forEach(item -> normalise(item, schema.path("items")));
    }
  }

  private static void removeUnless(ObjectNode object, java.util.function.Predicate<String> keep) {
    Iterator<String> names = object.fieldNames();
    while (names.hasNext()) {
      if (!keep.test(names.next())) {
        names.remove();
      }
    }
  }

  private static void addDefaults(ObjectNode object, JsonNode schema) {
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      JsonNode preset = property.getValue().get("default");
      JsonNode present = object.get(property.getKey());
      boolean absent =
          present == null
              || (present.isNull() && !property.getValue().path("nullable").asBoolean());
      if (preset != null && absent) {
        JsonNode copy = preset.deepCopy();
        object.set(property.getKey(), copy);
        normalise(copy, property.getValue());
      }
    }
  }

  /** Every violation of the object, in field order; empty if it is valid. */
  public List<Violation> validate(ObjectNode object) {
    List<Violation> found = new ArrayList<>();
    required(object, root, "", found);
    for (Map.Entry<String, JsonNode> property : root.path("properties").properties()) {
      JsonNode value = object.get(property.getKey());
      if (value != null && !isTypeMeta(property.getKey())) {
        check(value, property.getValue(), property.getKey(), found);
      }
    }
    return found;
  }

  private void check(JsonNode value, JsonNode schema, String path, List<Violation> found) {
    if (value.isNull() && schema.path("nullable").asBoolean()) {
      return;
    }
    if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
      if (!value.isIntegralNumber() && !value.isTextual()) {
        found.add(typeError(value, path, "integer,string"));
        return;
      }
    } else if (schema.has("type") && !hasType(value, schema.path("type").asText())) {
      found.add(typeError(value, path, schema.path("type").asText()));
      return;
    }
    checkEnum(value, schema, path, found);
    if (value.isTextual()) {
      checkText(value, schema, path, found);
    } else if (value.isNumber()) {
      checkNumber(value, schema, path, found);
    } else if (value instanceof ArrayNode array) {
      checkList(array, schema, path, found);
    } else if (value instanceof ObjectNode object) {
      required(object, schema, path, found);
      bounds(object.size(), schema, "Properties", path, "properties", found);
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        JsonNode declared = schema.path("properties").path(field.getKey());
        JsonNode use = declared.isMissingNode() ? schema.path("additionalProperties") : declared;
        if (use.isObject()) {
          check(field.getValue(), use, path + "." + field.getKey(), found);
        }
      }
    }
  }

  private static void required(
      ObjectNode object, JsonNode schema, String path, List<Violation> found) {
    for (JsonNode name : schema.path("required")) {
      if (!object.hasNonNull(name.asText())) {
        String field = path.isEmpty() ? name.asText() : path + "." + name.asText();
        found.add(new Violation(field, "FieldValueRequired", "Required value"));
      }
    }
  }

  private static boolean hasType(JsonNode value, String type) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "boolean" -> value.isBoolean();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      default -> true;
    };
  }

  private static Violation typeError(JsonNode value, String path, String type) {
    String actual =
        switch (value.getNodeType()) {
          case OBJECT -> "object";
          case ARRAY -> "array";
          case STRING -> "string";
          case BOOLEAN -> "boolean";
          case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
          case NULL -> "null";
          case BINARY, POJO, MISSING -> "unknown";
        };
    return new Violation(
        path,
        "FieldValueTypeInvalid",
        "Invalid value: \""
            + actual
            + "\": "
            + path
            + " in body must be of type "
            + type
            + ": \""
            + actual
            + "\"");
  }

  private static void checkEnum(
      JsonNode value, JsonNode schema, String path, List<Violation> found) {
    JsonNode allowed = schema.path("enum");
    if (!allowed.isArray()) {
      return;
    }
    List<String> names = new ArrayList<>();
    for (JsonNode one : allowed) {
      if (one.equals(value)) {
        return;
      }
      names.add(one.toString());
    }
    found.add(
        new Violation(
            path,
            "FieldValueNotSupported",
            "Unsupported value: " + value + ": supported values: " + String.join(", ", names)));
  }

  private void checkText(JsonNode value, JsonNode schema, String path, List<Violation> found) {
    String text = value.asText();
    bounds(text.codePointCount(0, text.length()), schema, "Length", path, "chars long", found);
    if (schema.has("pattern")) {
      String pattern = schema.path("pattern").asText();
      if (!patterns.computeIfAbsent(pattern, Pattern::compile).matcher(text).find()) {
        found.add(
            Violation.invalid(
                path, value.toString(), path + " in body should match '" + pattern + "'"));
      }
    }
  }

  private static void checkNumber(
      JsonNode value, JsonNode schema, String path, List<Violation> found) {
    JsonNode minimum = schema.path("minimum");
    if (minimum.isNumber()) {
      boolean exclusive = schema.path("exclusiveMinimum").asBoolean();
      int order = value.decimalValue().compareTo(minimum.decimalValue());
      if (order < 0 || (exclusive && order == 0)) {
        String relation = exclusive ? "greater than " : "greater than or equal to ";
        found.add(
            Violation.invalid(
                path, value.toString(), path + " in body should be " + relation + minimum));
      }
    }
    JsonNode maximum = schema.path("maximum");
    if (maximum.isNumber()) {
      boolean exclusive = schema.path("exclusiveMaximum").asBoolean();
      int order = value.decimalValue().compareTo(maximum.decimalValue());
      if (order > 0 || (exclusive && order == 0)) {
        String relation = exclusive ? "less than " : "less than or equal to ";
        found.add(
            Violation.invalid(
                path, value.toString(), path + " in body should be " + relation + maximum));
      }
    }
  }

  private void checkList(ArrayNode array, JsonNode schema, String path, List<Violation> found) {
    bounds(array.size(), schema, "Items", path, "items", found);
    Shape shape = Shape.ofSchema(schema);
    Set<JsonNode> seen = new HashSet<>();
    for (int i = 0; i < array.size(); i++) {
      JsonNode item = array.get(i);
      check(item, schema.path("items"), path + "[" + i + "]", found);
      if (shape.set() || !shape.keys().isEmpty()) {
        JsonNode identity = shape.set() ? item : ListKeys.of(item, shape.keys());
        if (!seen.add(identity)) {
          found.add(
              new Violation(
                  path + "[" + i + "]", "FieldValueDuplicate", "Duplicate value: " + identity));
        }
      }
    }
  }

  private static void bounds(
      int count, JsonNode schema, String what, String path, String unit, List<Violation> found) {
    JsonNode min = schema.path("min" + what);
    if (min.isNumber() && count < min.asInt()) {
      found.add(
          Violation.invalid(
              path,
              String.valueOf(count),
              path + " in body should have at least " + min + " " + unit));
    }
    JsonNode max = schema.path("max" + what);
    if (max.isNumber() && count > max.asInt()) {
      found.add(
          new Violation(
              path,
              "FieldValueTooMany",
              "Too many: " + count + ": must have at most " + max + " " + unit));
    }
  }
}
