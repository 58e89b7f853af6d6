package io.portolan.sim.kube.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.sim.kube.schema.ListKeys;
import io.portolan.sim.kube.schema.Shape;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Strategic merge patch: a merge patch in which lists with a merge key merge item by item.
 *
 * <p>Directives: {@code $patch} (replace, delete, merge), {@code $retainKeys} and {@code
 * $deleteFromPrimitiveList/…}; {@code $setElementOrder/…} is accepted and the order left as it is
 * (kubernetes/community, strategic-merge-patch.md).
 */
public final class StrategicMergePatch {
  private static final String DIRECTIVE = "$patch";

  private StrategicMergePatch() {}

  /**
   * @param shape list keys as strategic merge knows them: at most one per list
   * @throws PatchException if a directive is unknown or an item lacks its merge key
   */
  public static ObjectNode apply(ObjectNode target, ObjectNode patch, Shape shape) {
    String directive = patch.path(DIRECTIVE).asText("merge");
    if (directive.equals("replace")) {
      ObjectNode replaced = patch.deepCopy();
      replaced.remove(DIRECTIVE);
      return replaced;
    }
    if (!directive.equals("merge")) {
      throw new PatchException("$patch: " + directive + " is not possible here");
    }
    ObjectNode result = target.deepCopy();
    for (Map.Entry<String, JsonNode> field : patch.properties()) {
      applyField(result, field.getKey(), field.getValue(), shape);
    }
    return result;
  }

  private static void applyField(ObjectNode result, String name, JsonNode value, Shape shape) {
    if (name.equals(DIRECTIVE) || name.startsWith("$setElementOrder/")) {
      return;
    }
    if (name.equals("$retainKeys")) {
      Set<String> kept = new TreeSet<>();
      value.forEach(key -> kept.add(key.asText()));
      result.retain(kept);
      return;
    }
    if (name.startsWith("$deleteFromPrimitiveList/")) {
      String list = name.substring(name.indexOf('/') + 1);
      if (result.get(list) instanceof ArrayNode array) {
        result.set(list, without(array, value));
      }
      return;
    }
    Shape fieldShape = shape.field(name);
    JsonNode present = result.get(name);
    if (value.isNull()) {
      result.remove(name);
    } else if (value instanceof ObjectNode patch) {
      if (patch.path(DIRECTIVE).asText().equals("delete")) {
        result.remove(name);
        return;
      }
      ObjectNode base =
          present instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
      result.set(name, apply(base, patch, fieldShape));
    } else if (value instanceof ArrayNode patch && fieldShape.isListMap(patch)) {
      result.set(name, mergeItems(present, patch, fieldShape));
    } else if (value instanceof ArrayNode patch && fieldShape.isListSet(patch)) {
      result.set(name, union(present, patch));
    } else {
      result.set(name, value.deepCopy());
    }
  }

  private static ArrayNode mergeItems(@Nullable JsonNode present, ArrayNode patch, Shape shape) {
    List<String> keys = shape.keys();
    boolean replace = false;
    for (JsonNode item : patch) {
      replace |= item.path(DIRECTIVE).asText().equals("replace");
    }
    ArrayNode result =
        present instanceof ArrayNode array && !replace
            ? array.deepCopy()
            : JsonNodeFactory.instance.arrayNode();
    for (JsonNode item : patch) {
      if (!(item instanceof ObjectNode change)) {
        throw new PatchException("expected objects with " + keys + " in the list, not " + item);
      }
      if (change.size() == 1 && change.path(DIRECTIVE).asText().equals("replace")) {
        continue;
      }
      ObjectNode identity = ListKeys.of(change, keys);
      if (identity.isEmpty()) {
        throw new PatchException(
            "map: " + change + " does not contain declared merge key: " + keys.getFirst());
      }
      int index = ListKeys.indexOf(result, identity, keys);
      if (change.path(DIRECTIVE).asText().equals("delete")) {
        if (index >= 0) {
          result.remove(index);
        }
      } else if (index >= 0 && result.get(index) instanceof ObjectNode existing) {
        result.set(index, apply(existing, change, shape.element()));
      } else {
        result.add(apply(JsonNodeFactory.instance.objectNode(), change, shape.element()));
      }
    }
    return result;
  }

  private static ArrayNode union(@Nullable JsonNode present, ArrayNode patch) {
    ArrayNode result =
        present instanceof ArrayNode array
            ? array.deepCopy()
            : JsonNodeFactory.instance.arrayNode();
    for (JsonNode item : patch) {
      if (!contains(result, item)) {
        result.add(item);
      }
    }
    return result;
  }

  private static ArrayNode without(ArrayNode list, JsonNode unwanted) {
    ArrayNode result = JsonNodeFactory.instance.arrayNode();
    for (JsonNode item : list) {
      if (!contains(unwanted, item)) {
        result.add(item);
      }
    }
    return result;
  }

  private static boolean contains(JsonNode list, JsonNode item) {
    for (JsonNode one : list) {
      if (one.equals(item)) {
        return true;
      }
    }
    return false;
  }
}
