package io.portolan.sim.kube.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How values of one place in an object merge and are owned: the part of a schema that patches need.
 *
 * <p>An object is granular (each field on its own) unless {@code atomic}. A list is atomic unless
 * it is a set or a map of items told apart by {@code keys}
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy).
 *
 * @param atomic replaced and owned as one value
 * @param set a list of scalars where each is owned on its own
 * @param keys the fields that identify an item of a list, empty if the list is not a map
 * @param fields the declared fields of an object
 * @param element shape of list items or of undeclared fields; null for {@link #DEDUCED}
 */
public record Shape(
    boolean atomic,
    boolean set,
    List<String> keys,
    Map<String, Shape> fields,
    @Nullable Shape element) {

  /** Nothing declared: objects are granular, lists are atomic. */
  public static final Shape DEDUCED = new Shape(false, false, List.of(), Map.of(), null);

  private static final Shape ATOMIC = new Shape(true, false, List.of(), Map.of(), null);
  private static final Shape SET = new Shape(false, true, List.of(), Map.of(), null);

  public Shape {
    keys = List.copyOf(keys);
    fields = java.util.Collections.unmodifiableMap(new TreeMap<>(fields));
  }

  /** The shape of a field's value. */
  public Shape field(String name) {
    Shape declared = fields.get(name);
    return declared != null ? declared : element();
  }

  /** The shape of a list's items. */
  @Override
  public Shape element() {
    return element == null ? DEDUCED : element;
  }

  public boolean declares(String field) {
    return fields.containsKey(field);
  }

  public boolean isGranular(JsonNode value) {
    return value.isObject() && !atomic;
  }

  public boolean isListMap(JsonNode value) {
    return value.isArray() && !keys.isEmpty();
  }

  public boolean isListSet(JsonNode value) {
    return value.isArray() && set;
  }

  /**
   * From dotted paths: {@code spec.containers[name]} is a list map, {@code
   * spec.containers[].env[name]} one inside its items, {@code metadata.finalizers[*]} a set, {@code
   * spec.selector!} atomic.
   */
  public static Shape ofPaths(String... paths) {
    Draft root = new Draft();
    for (String path : paths) {
      Draft at = root;
      for (String segment : path.split("\\.")) {
        int bracket = segment.indexOf('[');
        boolean atomic = segment.endsWith("!");
        String name =
            bracket >= 0
                ? segment.substring(0, bracket)
                : atomic ? segment.substring(0, segment.length() - 1) : segment;
        at = at.fields.computeIfAbsent(name, n -> new Draft());
        at.atomic |= atomic;
        if (bracket >= 0) {
          String inside = segment.substring(bracket + 1, segment.length() - 1);
          if (inside.equals("*")) {
            at.set = true;
          } else {
            if (!inside.isEmpty()) {
              at.keys = Arrays.asList(inside.split(","));
            }
            at = at.item();
          }
        }
      }
    }
    return root.build();
  }

  /** From an OpenAPI v3 structural schema of a CRD. */
  public static Shape ofSchema(JsonNode schema) {
    if (schema.path("x-kubernetes-map-type").asText().equals("atomic")) {
      return ATOMIC;
    }
    if (schema.path("type").asText().equals("array")) {
      Shape item = ofSchema(schema.path("items"));
      return switch (schema.path("x-kubernetes-list-type").asText()) {
        case "set" -> SET;
        case "map" -> {
          List<String> keys = new ArrayList<>();
          schema.path("x-kubernetes-list-map-keys").forEach(k -> keys.add(k.asText()));
          yield new Shape(false, false, keys, Map.of(), item);
        }
        default -> ATOMIC;
      };
    }
    Map<String, Shape> fields = new TreeMap<>();
    schema
        .path("properties")
        .properties()
        .forEach(p -> fields.put(p.getKey(), ofSchema(p.getValue())));
    JsonNode additional = schema.path("additionalProperties");
    return new Shape(
        false, false, List.of(), fields, additional.isObject() ? ofSchema(additional) : null);
  }

  /** This shape with {@code shape} for the field {@code name}. */
  public Shape with(String name, Shape shape) {
    Map<String, Shape> more = new TreeMap<>(fields);
    more.put(name, shape);
    return new Shape(atomic, set, keys, more, element);
  }

  private static final class Draft {
    private final Map<String, Draft> fields = new TreeMap<>();
    private boolean atomic;
    private boolean set;
    private List<String> keys = List.of();
    private @Nullable Draft item;

    private Draft item() {
      Draft existing = item;
      if (existing == null) {
        existing = new Draft();
        item = existing;
      }
      return existing;
    }

    private Shape build() {
      Map<String, Shape> built = new TreeMap<>();
      fields.forEach((name, draft) -> built.put(name, draft.build()));
      return new Shape(atomic, set, keys, built, item == null ? null : item.build());
    }
  }
}
