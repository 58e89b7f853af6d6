package io.portolan.sim.kube.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.sim.kube.patch.ManagedFields.Conflict;
import io.portolan.sim.kube.patch.ManagedFields.Owner;
import io.portolan.sim.kube.schema.ListKeys;
import io.portolan.sim.kube.schema.Shape;
import java.util.List;
import java.util.Map;

/**
 * Server-side apply: an object becomes what its appliers declare, field by field.
 *
 * <p>GOAL: after an apply the applier owns exactly the fields of its configuration, and those have
 * its values. ALGORITHM, as structured-merge-diff's Updater.Apply does it:
 *
 * <ol>
 *   <li>merge the configuration into the live object;
 *   <li>a changed field that another manager owns is a conflict, unless forced: then they lose it;
 *   <li>what the applier owned before, declares no longer and nobody else owns is removed, and with
 *       it containers left with nothing but their keys.
 * </ol>
 *
 * <p>Example: m applied {a: 1, b: 2}, n applied {b: 2}. When m applies {a: 1}, b stays (n owns it).
 */
public final class ServerSideApply {
  private ServerSideApply() {}

  /** What came of an apply. */
  public sealed interface Result {
    /** The object with its new managedFields. */
    record Applied(ObjectNode object) implements Result {}

    /** Nothing happens: others own these fields. */
    record Refused(List<Conflict> conflicts) implements Result {
      public Refused {
        conflicts = List.copyOf(conflicts);
      }
    }
  }

  /**
   * @param live the stored object; for a creation just its identity
   * @param config what the applier declares
   * @param allowed what this endpoint may change and own
   * @param time RFC 3339
   */
  public static Result apply(
      ObjectNode live,
      ObjectNode config,
      Shape shape,
      Owner applier,
      Scope allowed,
      boolean force,
      String time) {
    String apiVersion = config.path("apiVersion").asText();
    ManagedFields managers = ManagedFields.of(live);
    JsonNode before = ManagedFields.unmanaged(live);
    JsonNode declared = withoutNulls(allowed.restrict(config));
    FieldSet mine = ManagedFields.ownable(FieldSet.of(declared, shape));
    ObjectNode merged = (ObjectNode) merge(before, declared, shape);
    FieldSet changed = FieldDiff.between(before, merged, shape).changed();
    List<Conflict> conflicts = managers.conflicts(changed.intersect(mine), applier);
    if (!conflicts.isEmpty() && !force) {
      return new Result.Refused(conflicts);
    }
    FieldSet last = managers.fields(applier);
    ManagedFields after =
        managers.withoutFields(changed, applier).with(applier, mine, apiVersion, time);
    prune(merged, last, after.all(), shape);
    // What was removed with its container is owned by nobody any more.
    FieldSet gone = FieldDiff.between(before, merged, shape).removed();
    after = after.withoutFields(gone, applier);
    after.writeTo(merged);
    return new Result.Applied(merged);
  }

  /** What an endpoint lets an applier change. */
  public enum Scope {
    /** Everything: a resource without status subresource. */
    WHOLE,
    /** Everything but status. */
    SPEC,
    /** Nothing but status. */
    STATUS;

    private ObjectNode restrict(ObjectNode config) {
      ObjectNode copy = config.deepCopy();
      return switch (this) {
        case WHOLE -> copy;
        case SPEC -> copy.without("status");
        case STATUS -> copy.retain("apiVersion", "kind", "status");
      };
    }
  }

  private static JsonNode withoutNulls(JsonNode config) {
    if (config instanceof ObjectNode object) {
      ObjectNode copy = JsonNodeFactory.instance.objectNode();
      for (Map.Entry<String, JsonNode> field : object.properties()) {
        if (!field.getValue().isNull()) {
          copy.set(field.getKey(), withoutNulls(field.getValue()));
        }
      }
      return copy;
    }
    return config;
  }

  private static JsonNode merge(JsonNode live, JsonNode config, Shape shape) {
    if (shape.isGranular(config) && live.isObject()) {
      ObjectNode result = ((ObjectNode) live).deepCopy();
      for (Map.Entry<String, JsonNode> field : config.properties()) {
        result.set(
            field.getKey(),
            merge(live.path(field.getKey()), field.getValue(), shape.field(field.getKey())));
      }
      return result;
    }
    if (shape.isListMap(config) && live.isArray()) {
      ArrayNode result = ((ArrayNode) live).deepCopy();
      for (JsonNode item : config) {
        ObjectNode identity = ListKeys.of(item, shape.keys());
        int index = ListKeys.indexOf(result, identity, shape.keys());
        if (index < 0) {
          result.add(item.deepCopy());
        } else {
          result.set(index, merge(result.get(index), item, shape.element()));
        }
      }
      return result;
    }
    if (shape.isListSet(config) && live.isArray()) {
      ArrayNode result = ((ArrayNode) live).deepCopy();
      for (JsonNode item : config) {
        if (!contains(result, item)) {
          result.add(item);
        }
      }
      return result;
    }
    return config.deepCopy();
  }

  private static boolean contains(JsonNode list, JsonNode item) {
    for (JsonNode one : list) {
      if (one.equals(item)) {
        return true;
      }
    }
    return false;
  }

  /** Removes, in place, what {@code last} has and {@code kept} has not. */
  private static void prune(JsonNode value, FieldSet last, FieldSet kept, Shape shape) {
    last.children()
        .forEach((edge, before) -> {
          FieldSet still = kept.child(edge);
          switch (edge.charAt(0)) {
            case 'f' -> pruneField(value, edge.substring(2), before, still, shape);
            case 'k' -> pruneItem(value, edge, before, still, shape);
            default -> {
              if (still == null && value instanceof ArrayNode array) {
                removeIf(array, item -> FieldSet.value(item).equals(edge));
              }
            }
          }
        });
  }

  private static void pruneField(
      JsonNode parent,
      String name,
      FieldSet before,
      @org.jspecify.annotations.Nullable FieldSet still,
      Shape shape) {
    if (!(parent instanceof ObjectNode object) || !object.has(name)) {
      return;
    }
    JsonNode value = object.path(name);
    Shape valueShape = shape.field(name);
    boolean container =
        valueShape.isGranular(value) || valueShape.isListMap(value) || valueShape.isListSet(value);
    if (container && !before.children().isEmpty()) {
      prune(value, before, still == null ? FieldSet.EMPTY : still, valueShape);
      if (still == null && value.isEmpty()) {
        object.remove(name);
      }
    } else if (still == null && (!container || value.isEmpty())) {
      object.remove(name);
    }
  }

  private static void pruneItem(
      JsonNode list,
      String edge,
      FieldSet before,
      @org.jspecify.annotations.Nullable FieldSet still,
      Shape shape) {
    if (!(list instanceof ArrayNode array)) {
      return;
    }
    for (int i = 0; i < array.size(); i++) {
      JsonNode item = array.get(i);
      if (!FieldSet.item(item, shape).equals(edge)) {
        continue;
      }
      if (still != null) {
        prune(item, before, still, shape.element());
        return;
      }
      // Nobody declares the item: it goes, unless it holds fields that no applier put there.
      JsonNode rest = item.deepCopy();
      prune(rest, before, FieldSet.EMPTY, shape.element());
      ((ObjectNode) rest).remove(shape.keys());
      if (rest.isEmpty()) {
        array.remove(i);
      } else {
        FieldSet keys = FieldSet.EMPTY;
        for (String key : shape.keys()) {
          keys = keys.union(new FieldSet(false, Map.of(FieldSet.field(key), FieldSet.LEAF)));
        }
        prune(item, before, keys, shape.element());
      }
      return;
    }
  }

  private static void removeIf(ArrayNode array, java.util.function.Predicate<JsonNode> unwanted) {
    for (int i = array.size() - 1; i >= 0; i--) {
      if (unwanted.test(array.get(i))) {
        array.remove(i);
      }
    }
  }
}
