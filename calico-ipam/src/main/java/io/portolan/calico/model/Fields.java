package io.portolan.calico.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.net.Cidr;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The fields of a JSON object. A null is a missing field, as to the API server; everything of
 * another type than expected is malformed.
 *
 * @param path of the object from the root, as problems show it
 */
record Fields(JsonNode node, String path) {
  static Fields of(JsonNode node, String path) throws MalformedObjectException {
    if (!node.isObject() && !node.isMissingNode() && !node.isNull()) {
      throw new MalformedObjectException(path + ": expected an object");
    }
    return new Fields(node, path);
  }

  boolean has(String field) {
    return node.hasNonNull(field);
  }

  Fields object(String field) throws MalformedObjectException {
    return of(node.path(field), path + "." + field);
  }

  /** Empty for a missing field. */
  String text(String field) throws MalformedObjectException {
    JsonNode value = node.path(field);
    if (has(field) && !value.isTextual()) {
      throw problem(field, "expected a text, not " + value);
    }
    return value.asText("");
  }

  boolean flag(String field, boolean absent) throws MalformedObjectException {
    if (has(field) && !node.path(field).isBoolean()) {
      throw problem(field, "expected true or false, not " + node.path(field));
    }
    return has(field) ? node.path(field).booleanValue() : absent;
  }

  int number(String field, int absent, int from, int to) throws MalformedObjectException {
    return (int) number(node.path(field), field, absent, from, to);
  }

  /** A number that is not negative. */
  long count(String field) throws MalformedObjectException {
    return number(node.path(field), field, 0, 0, Long.MAX_VALUE);
  }

  private long number(JsonNode value, String field, long absent, long from, long to)
      throws MalformedObjectException {
    if (value.isMissingNode() || value.isNull()) {
      return absent;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < from
        || value.longValue() > to) {
      throw problem(field, "expected a number from " + from + " to " + to + ", not " + value);
    }
    return value.longValue();
  }

  <T> T parsed(String field, Function<String, T> parser) throws MalformedObjectException {
    return parsed(text(field), field, parser);
  }

  private <T> T parsed(String text, String field, Function<String, T> parser)
      throws MalformedObjectException {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw problem(field, String.valueOf(e.getMessage()));
    }
  }

  Optional<Instant> time(String field) throws MalformedObjectException {
    if (!has(field)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.parse(text(field)));
    } catch (DateTimeParseException e) {
      throw problem(field, "expected a time such as 2026-01-31T12:00:00Z");
    }
  }

  /** None for a missing field. */
  List<JsonNode> list(String field) throws MalformedObjectException {
    if (has(field) && !node.path(field).isArray()) {
      throw problem(field, "expected a list");
    }
    List<JsonNode> items = new ArrayList<>();
    node.path(field).forEach(items::add);
    return items;
  }

  <T> List<T> parsedList(String field, Function<String, T> parser) throws MalformedObjectException {
    List<T> parsed = new ArrayList<>();
    for (JsonNode item : list(field)) {
      parsed.add(parsed(item.asText(), field + "[" + parsed.size() + "]", parser));
    }
    return parsed;
  }

  /** Numbers; a null counts as {@code absent}. */
  List<Integer> numbers(String field, int absent, int to) throws MalformedObjectException {
    List<Integer> numbers = new ArrayList<>();
    for (JsonNode item : list(field)) {
      numbers.add((int) number(item, field + "[" + numbers.size() + "]", absent, 0, to));
    }
    return numbers;
  }

  Map<String, String> texts(String field) throws MalformedObjectException {
    Map<String, String> texts = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : object(field).node().properties()) {
      texts.put(entry.getKey(), entry.getValue().asText());
    }
    return texts;
  }

  /** A map from ordinals, or other keys, to counts. */
  <K extends Comparable<K>> Map<K, Long> counts(String field, Function<String, K> key)
      throws MalformedObjectException {
    Map<K, Long> counts = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : object(field).node().properties()) {
      String name = field + "[" + entry.getKey() + "]";
      counts.put(
          parsed(entry.getKey(), name, key), number(entry.getValue(), name, 0, 0, Long.MAX_VALUE));
    }
    return counts;
  }

  Cidr cidr(String field) throws MalformedObjectException {
    if (!has(field)) {
      throw problem(field, "missing");
    }
    return parsed(field, Cidr::parse);
  }

  MalformedObjectException problem(String field, String problem) {
    return new MalformedObjectException(path + "." + field + ": " + problem);
  }
}
