package io.portolan.sim.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * One object of a YAML or JSON document, together with its path, for messages such as {@code
 * vpcs[0].subnets[1].cidr: is missing}.
 */
public final class ConfigNode {
  private static final YAMLMapper YAML = new YAMLMapper();

  private final String path;
  private final JsonNode node;

  private ConfigNode(String path, JsonNode node) {
    this.path = path;
    this.node = node;
    if (!node.isObject()) {
      throw new ConfigException(path, "should be an object with named fields");
    }
  }

  /**
   * Parses a whole document; JSON is read as the YAML it also is.
   *
   * @param name what to call the document in messages about its outermost level
   */
  public static ConfigNode parse(String name, String text) {
    try {
      return new ConfigNode(name, YAML.readTree(text));
    } catch (JsonProcessingException e) {
      throw new ConfigException(name, "is not YAML or JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** Refuses every field that is not named here. */
  public ConfigNode allow(String... fields) {
    for (String field : names()) {
      if (!List.of(fields).contains(field)) {
        throw new ConfigException(
            child(field), "is not a field; here are known: " + String.join(", ", fields));
      }
    }
    return this;
  }

  /** The names of all fields present, sorted. */
  public Collection<String> names() {
    TreeSet<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  public boolean has(String field) {
    return node.hasNonNull(field);
  }

  public String text(String field) {
    return optionalText(field).orElseThrow(() -> new ConfigException(child(field), "is missing"));
  }

  /** A scalar as text; numbers and booleans as they were written. */
  public Optional<String> optionalText(String field) {
    if (!has(field)) {
      return Optional.empty();
    }
    if (!node.get(field).isValueNode()) {
      throw new ConfigException(child(field), "should be a single value");
    }
    return Optional.of(node.get(field).asText());
  }

  /** A scalar run through {@code parser}, whose complaint becomes ours. */
  public <T> Optional<T> optional(String field, Function<String, T> parser) {
    return optionalText(field).map(text -> parsed(child(field), text, parser));
  }

  public <T> T value(String field, Function<String, T> parser) {
    return parsed(child(field), text(field), parser);
  }

  public int integer(String field, int otherwise, int min, int max) {
    int value = optional(field, Integer::parseInt).orElse(otherwise);
    if (value < min || value > max) {
      throw new ConfigException(
          child(field), "is " + value + "; allowed are " + min + " to " + max);
    }
    return value;
  }

  public boolean flag(String field, boolean otherwise) {
    return optionalText(field)
        .map(text ->
            switch (text) {
              case "true" -> true;
              case "false" -> false;
              default -> throw new ConfigException(child(field), "should be true or false");
            })
        .orElse(otherwise);
  }

  /** The objects of a list; empty if the field is absent. */
  public List<ConfigNode> list(String field) {
    List<ConfigNode> items = new ArrayList<>();
    for (JsonNode item : array(field)) {
      items.add(new ConfigNode(child(field) + "[" + items.size() + "]", item));
    }
    return items;
  }

  /** The scalars of a list; empty if the field is absent. */
  public List<String> texts(String field) {
    List<String> items = new ArrayList<>();
    for (JsonNode item : array(field)) {
      if (!item.isValueNode() || item.isNull()) {
        throw new ConfigException(child(field) + "[" + items.size() + "]", "should be a value");
      }
      items.add(item.asText());
    }
    return items;
  }

  /** A nested object whose fields are free names with scalar values, as tags are. */
  public SortedMap<String, String> map(String field) {
    SortedMap<String, String> map = new TreeMap<>();
    if (has(field)) {
      ConfigNode nested = new ConfigNode(child(field), node.get(field));
      nested.names().forEach(name -> map.put(name, nested.optionalText(name).orElse("")));
    }
    return map;
  }

  public Optional<ConfigNode> object(String field) {
    return has(field)
        ? Optional.of(new ConfigNode(child(field), node.get(field)))
        : Optional.empty();
  }

  /** A complaint about one of this object's fields. */
  public ConfigException complaint(String field, String complaint) {
    return new ConfigException(child(field), complaint);
  }

  private Iterable<JsonNode> array(String field) {
    if (!has(field)) {
      return List.of();
    }
    if (!node.get(field).isArray()) {
      throw new ConfigException(child(field), "should be a list");
    }
    return node.get(field);
  }

  private String child(String field) {
    return path.isEmpty() ? field : path + "." + field;
  }

  private static <T> T parsed(String path, String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (ConfigException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new ConfigException(path, String.valueOf(e.getMessage()), e);
    }
  }

  /** The whole object as JSON-like values, for messages. */
  @Override
  public String toString() {
    return Map.of(path, node).toString();
  }
}
