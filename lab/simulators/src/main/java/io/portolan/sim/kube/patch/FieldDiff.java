package io.portolan.sim.kube.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.portolan.sim.kube.schema.ListKeys;
import io.portolan.sim.kube.schema.Shape;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The places where two versions of an object differ.
 *
 * @param changed added or modified
 * @param removed no longer there
 */
public record FieldDiff(FieldSet changed, FieldSet removed) {
  private static final FieldDiff NONE = new FieldDiff(FieldSet.EMPTY, FieldSet.EMPTY);

  public static FieldDiff between(JsonNode before, JsonNode after, Shape shape) {
    if (before.equals(after)) {
      return NONE;
    }
    boolean appears = before.isMissingNode();
    boolean vanishes = after.isMissingNode();
    JsonNode sample = appears ? after : before;
    boolean sameKind = appears || vanishes || before.getNodeType() == after.getNodeType();
    if (!sameKind) {
      return new FieldDiff(
          FieldSet.LEAF.union(FieldSet.of(after, shape)), FieldSet.of(before, shape));
    }
    boolean granular =
        shape.isGranular(sample) || shape.isListMap(sample) || shape.isListSet(sample);
    if (!granular) {
      return vanishes
          ? new FieldDiff(FieldSet.EMPTY, FieldSet.LEAF)
          : new FieldDiff(FieldSet.LEAF, FieldSet.EMPTY);
    }
    Map<String, FieldSet> changed = new TreeMap<>();
    Map<String, FieldSet> removed = new TreeMap<>();
    Map<String, Pair> pairs = pairs(before, after, shape, sample);
    pairs.forEach((edge, pair) -> {
      FieldDiff diff = between(pair.before, pair.after, pair.shape);
      if (!diff.changed.isEmpty()) {
        changed.put(edge, diff.changed);
      }
      if (!diff.removed.isEmpty()) {
        removed.put(edge, diff.removed);
      }
    });
    return new FieldDiff(new FieldSet(appears, changed), new FieldSet(vanishes, removed));
  }

  private record Pair(JsonNode before, JsonNode after, Shape shape) {}

  private static Map<String, Pair> pairs(
      JsonNode before, JsonNode after, Shape shape, JsonNode sample) {
    Map<String, Pair> pairs = new TreeMap<>();
    if (sample.isObject()) {
      TreeSet<String> names = new TreeSet<>();
      before.fieldNames().forEachRemaining(names::add);
      after.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        pairs.put(
            FieldSet.field(name), new Pair(before.path(name), after.path(name), shape.field(name)));
      }
    } else if (shape.isListMap(sample)) {
      for (JsonNode item : before) {
        pairs.put(
            FieldSet.item(item, shape),
            new Pair(item, counterpart(after, item, shape), shape.element()));
      }
      for (JsonNode item : after) {
        pairs.put(
            FieldSet.item(item, shape),
            new Pair(counterpart(before, item, shape), item, shape.element()));
      }
    } else {
      for (JsonNode item : before) {
        pairs.put(FieldSet.value(item), new Pair(item, MissingNode.getInstance(), shape.element()));
      }
      for (JsonNode item : after) {
        pairs.merge(
            FieldSet.value(item),
            new Pair(MissingNode.getInstance(), item, shape.element()),
            (old, added) -> new Pair(old.before, added.after, old.shape));
      }
    }
    return pairs;
  }

  private static JsonNode counterpart(JsonNode list, JsonNode item, Shape shape) {
    int index = ListKeys.indexOf(list, ListKeys.of(item, shape.keys()), shape.keys());
    return index < 0 ? MissingNode.getInstance() : list.get(index);
  }
}
