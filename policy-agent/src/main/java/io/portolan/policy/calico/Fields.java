package io.portolan.policy.calico;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.policy.model.NotUnderstoodException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/**
 * The fields of a JSON object, read strictly: a null is a missing field, as to the API server, and
 * everything of another type than expected is not understood.
 *
 * @param path of the object from the root, as problems show it
 */
record Fields(JsonNode node, String path) {

  static Fields of(JsonNode object, String path) throws NotUnderstoodException {
    if (!object.isObject()) {
      throw new NotUnderstoodException(path + ": expected an object, not " + shown(object));
    }
    return new Fields(object, path);
  }

  String path(String field) {
    return path.isEmpty() ? field : path + "." + field;
  }

  boolean has(String field) {
    return node.hasNonNull(field);
  }

  /** A field nobody knows could narrow what its object says. */
  void expectOnly(Set<String> known) throws NotUnderstoodException {
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!known.contains(name) && has(name)) {
        throw problem(name, "no such field");
      }
    }
  }

  Optional<Fields> object(String field) throws NotUnderstoodException {
    return has(field) ? Optional.of(of(node.path(field), path(field))) : Optional.empty();
  }

  /** Empty for a missing field. */
  String text(String field) throws NotUnderstoodException {
    if (!has(field)) {
      return "";
    }
    if (!node.path(field).isTextual()) {
      throw problem(field, "expected a text, not " + shown(node.path(field)));
    }
    return node.path(field).asText();
  }

  boolean flag(String field) throws NotUnderstoodException {
    if (has(field) && !node.path(field).isBoolean()) {
      throw problem(field, "expected true or false, not " + shown(node.path(field)));
    }
    return node.path(field).asBoolean(false);
  }

  OptionalInt number(String field, int from, int to) throws NotUnderstoodException {
    if (!has(field)) {
      return OptionalInt.empty();
    }
    JsonNode value = node.path(field);
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.asInt() < from
        || value.asInt() > to) {
      throw problem(field, "expected a number from " + from + " to " + to + ", not " + value);
    }
    return OptionalInt.of(value.asInt());
  }

  /** The items of a list, none for a missing field. */
  List<JsonNode> list(String field) throws NotUnderstoodException {
    if (!has(field)) {
      return List.of();
    }
    if (!node.path(field).isArray()) {
      throw problem(field, "expected a list, not " + shown(node.path(field)));
    }
    List<JsonNode> items = new ArrayList<>();
    node.path(field).forEach(items::add);
    return items;
  }

  List<String> texts(String field) throws NotUnderstoodException {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : list(field)) {
      if (!item.isTextual()) {
        throw problem(field + "[" + texts.size() + "]", "expected a text, not " + shown(item));
      }
      texts.add(item.asText());
    }
    return texts;
  }

  /** A map of texts. */
  Map<String, String> map(String field) throws NotUnderstoodException {
    Map<String, String> map = new TreeMap<>();
    if (has(field)) {
      for (Map.Entry<String, JsonNode> entry : of(node.path(field), path(field)).entries()) {
        map.put(entry.getKey(), entry.getValue().asText());
      }
    }
    return map;
  }

  private Set<Map.Entry<String, JsonNode>> entries() {
    return node.properties();
  }

  NotUnderstoodException problem(String field, String problem) {
    return new NotUnderstoodException(path(field) + ": " + problem);
  }

  /** Short enough for a line of a log. */
  private static String shown(JsonNode node) {
    String text = node.isMissingNode() ? "nothing" : node.toString();
    return text.length() <= 80 ? text : text.substring(0, 77) + "...";
  }
}
