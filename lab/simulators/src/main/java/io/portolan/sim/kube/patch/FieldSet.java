package io.portolan.sim.kube.patch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.sim.kube.schema.ListKeys;
import io.portolan.sim.kube.schema.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A set of places in an object: {@code FieldsV1} of {@code metadata.managedFields}.
 *
 * <p>A tree whose edges are {@code f:name} (field), {@code k:{"name":"a"}} (item of a list map) and
 * {@code v:"a"} (item of a list set). A node may itself be in the set ({@code member}, written
 * {@code "."} when it has children). Immutable.
 *
 * @param member whether this place itself is in the set
 * @param children by edge, in text order
 */
public record FieldSet(boolean member, Map<String, FieldSet> children) {
  public static final FieldSet EMPTY = new FieldSet(false, Map.of());
  public static final FieldSet LEAF = new FieldSet(true, Map.of());

  private static final ObjectMapper JSON = new ObjectMapper();

  public FieldSet {
    children = Collections.unmodifiableMap(new TreeMap<>(children));
  }

  public boolean isEmpty() {
    return !member && children.isEmpty();
  }

  public @Nullable FieldSet child(String edge) {
    return children.get(edge);
  }

  /** The edge to a field. */
  public static String field(String name) {
    return "f:" + name;
  }

  /** The edge to an item of a list map. */
  public static String item(JsonNode item, Shape list) {
    return "k:" + ListKeys.of(item, list.keys());
  }

  /** The edge to an item of a list set. */
  public static String value(JsonNode item) {
    return "v:" + item;
  }

  /** Everything that {@code value} sets, as an applied configuration owns it. */
  public static FieldSet of(JsonNode value, Shape shape) {
    if (shape.isGranular(value)) {
      Map<String, FieldSet> children = new TreeMap<>();
      for (Map.Entry<String, JsonNode> entry : value.properties()) {
        FieldSet child = of(entry.getValue(), shape.field(entry.getKey()));
        boolean emptyMap = entry.getValue().isObject() && entry.getValue().isEmpty();
        if (emptyMap || entry.getValue().isNull()) {
          child = LEAF;
        }
        put(children, field(entry.getKey()), child);
      }
      return new FieldSet(false, children);
    }
    if (shape.isListMap(value)) {
      Map<String, FieldSet> children = new TreeMap<>();
      for (JsonNode item : value) {
        children.put(item(item, shape), new FieldSet(true, of(item, shape.element()).children()));
      }
      return new FieldSet(false, children);
    }
    if (shape.isListSet(value)) {
      Map<String, FieldSet> children = new TreeMap<>();
      value.forEach(item -> children.put(value(item), LEAF));
      return new FieldSet(false, children);
    }
    return LEAF;
  }

  private static void put(Map<String, FieldSet> children, String edge, FieldSet child) {
    if (!child.isEmpty()) {
      children.put(edge, child);
    }
  }

  public FieldSet union(FieldSet other) {
    Map<String, FieldSet> merged = new TreeMap<>(children);
    other.children.forEach((edge, set) -> merged.merge(edge, set, FieldSet::union));
    return new FieldSet(member || other.member, merged);
  }

  public FieldSet minus(FieldSet other) {
    Map<String, FieldSet> left = new TreeMap<>();
    children.forEach((edge, set) -> {
      FieldSet without = other.children.get(edge);
      put(left, edge, without == null ? set : set.minus(without));
    });
    return new FieldSet(member && !other.member, left);
  }

  public FieldSet intersect(FieldSet other) {
    Map<String, FieldSet> both = new TreeMap<>();
    children.forEach((edge, set) -> {
      FieldSet counterpart = other.children.get(edge);
      if (counterpart != null) {
        put(both, edge, set.intersect(counterpart));
      }
    });
    return new FieldSet(member && other.member, both);
  }

  /** Without the places at or below the given edges from here. */
  public FieldSet without(String... path) {
    Map<String, FieldSet> left = new TreeMap<>(children);
    FieldSet child = left.remove(path[0]);
    if (child != null && path.length > 1) {
      put(left, path[0], child.without(java.util.Arrays.copyOfRange(path, 1, path.length)));
    }
    return new FieldSet(member, left);
  }

  /** Only what is at or below one edge from here. */
  public FieldSet only(String edge) {
    FieldSet child = children.get(edge);
    return child == null ? EMPTY : new FieldSet(false, Map.of(edge, child));
  }

  /** The members as paths, such as {@code .spec.ports[port=80].name}. */
  public List<String> paths() {
    List<String> paths = new ArrayList<>();
    collect("", paths);
    return paths;
  }

  private void collect(String at, List<String> paths) {
    if (member) {
      paths.add(at);
    }
    children.forEach((edge, set) -> set.collect(at + step(edge), paths));
  }

  private static String step(String edge) {
    String rest = edge.substring(2);
    return switch (edge.charAt(0)) {
      case 'f' -> "." + rest;
      case 'v' -> "[=" + rest + "]";
      default -> {
        List<String> keys = new ArrayList<>();
        for (Map.Entry<String, JsonNode> key : parse(rest).properties()) {
          keys.add(key.getKey() + "=" + key.getValue());
        }
        yield "[" + String.join(",", keys) + "]";
      }
    };
  }

  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (member && !children.isEmpty()) {
      json.putObject(".");
    }
    children.forEach((edge, set) -> json.set(edge, set.toJson()));
    return json;
  }

  /** The inverse of {@link #toJson()} for a whole set. */
  public static FieldSet fromJson(JsonNode json) {
    Map<String, FieldSet> children = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      if (!entry.getKey().equals(".")) {
        FieldSet child = fromJson(entry.getValue());
        children.put(entry.getKey(), child.isEmpty() ? LEAF : child);
      }
    }
    return new FieldSet(json.has("."), children);
  }

  private static JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new PatchException("not a field key: " + text);
    }
  }
}
