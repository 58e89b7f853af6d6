package io.portolan.sim.kube.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.sim.kube.schema.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who owns which fields: {@code metadata.managedFields} as a value.
 *
 * @param entries in the order in which they first appeared
 */
public record ManagedFields(Map<Owner, Entry> entries) {
  public ManagedFields {
    entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
  }

  /**
   * One manager in one role.
   *
   * @param apply whether it owns by server-side apply; otherwise by update, patch or create
   * @param subresource empty for the object itself
   */
  public record Owner(String manager, boolean apply, String subresource) {}

  /**
   * @param time RFC 3339, when the set last changed
   */
  public record Entry(String apiVersion, String time, FieldSet fields) {}

  public static ManagedFields of(JsonNode object) {
    Map<Owner, Entry> entries = new LinkedHashMap<>();
    for (JsonNode entry : object.path("metadata").path("managedFields")) {
      entries.put(
          new Owner(
              entry.path("manager").asText(),
              entry.path("operation").asText().equals("Apply"),
              entry.path("subresource").asText()),
          new Entry(
              entry.path("apiVersion").asText(),
              entry.path("time").asText(),
              FieldSet.fromJson(entry.path("fieldsV1"))));
    }
    return new ManagedFields(entries);
  }

  /** Writes the entries into the object's metadata, in place. */
  public void writeTo(ObjectNode object) {
    ObjectNode metadata = object.withObjectProperty("metadata");
    metadata.remove("managedFields");
    if (entries.isEmpty()) {
      return;
    }
    ArrayNode list = metadata.putArray("managedFields");
    entries.forEach((owner, entry) -> {
      ObjectNode json = list.addObject();
      json.put("manager", owner.manager());
      json.put("operation", owner.apply() ? "Apply" : "Update");
      json.put("apiVersion", entry.apiVersion());
      json.put("time", entry.time());
      json.put("fieldsType", "FieldsV1");
      json.set("fieldsV1", entry.fields().toJson());
      if (!owner.subresource().isEmpty()) {
        json.put("subresource", owner.subresource());
      }
    });
  }

  public FieldSet fields(Owner owner) {
    Entry entry = entries.get(owner);
    return entry == null ? FieldSet.EMPTY : entry.fields();
  }

  /** With exactly {@code fields} for one owner; an owner of nothing disappears. */
  public ManagedFields with(Owner owner, FieldSet fields, String apiVersion, String time) {
    Map<Owner, Entry> changed = new LinkedHashMap<>(entries);
    if (fields.isEmpty()) {
      changed.remove(owner);
    } else if (!fields.equals(fields(owner))) {
      changed.put(owner, new Entry(apiVersion, time, fields));
    }
    return new ManagedFields(changed);
  }

  /** With {@code fields} taken away from everybody but {@code except}. */
  public ManagedFields withoutFields(FieldSet fields, Owner except) {
    Map<Owner, Entry> changed = new LinkedHashMap<>();
    entries.forEach((owner, entry) -> {
      FieldSet left = owner.equals(except) ? entry.fields() : entry.fields().minus(fields);
      if (!left.isEmpty()) {
        changed.put(owner, new Entry(entry.apiVersion(), entry.time(), left));
      }
    });
    return new ManagedFields(changed);
  }

  /** Everything that anybody owns. */
  public FieldSet all() {
    FieldSet all = FieldSet.EMPTY;
    for (Entry entry : entries.values()) {
      all = all.union(entry.fields());
    }
    return all;
  }

  /** After a plain write: the writer owns what it changed, nobody owns what is gone. */
  public ManagedFields afterUpdate(
      JsonNode before, JsonNode after, Shape shape, Owner owner, String apiVersion, String time) {
    FieldDiff diff = FieldDiff.between(unmanaged(before), unmanaged(after), shape);
    FieldSet changed = ownable(diff.changed());
    FieldSet gone = diff.removed();
    ManagedFields others = withoutFields(changed.union(gone), owner);
    FieldSet mine = fields(owner).minus(gone).union(changed);
    return others.with(owner, mine, apiVersion, time);
  }

  /** A field set without what nobody can own: identity and what the server writes. */
  public static FieldSet ownable(FieldSet fields) {
    FieldSet left = fields.without("f:apiVersion").without("f:kind");
    for (String name :
        List.of(
            "name",
            "namespace",
            "generateName",
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "selfLink",
            "managedFields")) {
      left = left.without("f:metadata", "f:" + name);
    }
    FieldSet metadata = left.child("f:metadata");
    if (metadata != null && metadata.children().isEmpty()) {
      left = left.without("f:metadata");
    }
    return new FieldSet(false, left.children());
  }

  /** The object as ownership sees it: without managedFields. */
  public static JsonNode unmanaged(JsonNode object) {
    if (!(object instanceof ObjectNode present)) {
      return JsonNodeFactory.instance.objectNode();
    }
    ObjectNode copy = present.deepCopy();
    if (copy.get("metadata") instanceof ObjectNode metadata) {
      metadata.remove("managedFields");
    }
    return copy;
  }

  /** Owners other than {@code applier} of any of {@code fields}, with the fields. */
  public List<Conflict> conflicts(FieldSet fields, Owner applier) {
    List<Conflict> conflicts = new ArrayList<>();
    entries.forEach((owner, entry) -> {
      if (!owner.equals(applier)) {
        for (String path : entry.fields().intersect(fields).paths()) {
          conflicts.add(new Conflict(owner, entry, path));
        }
      }
    });
    return conflicts;
  }

  /** One field that somebody else owns with another value. */
  public record Conflict(Owner owner, Entry entry, String field) {
    /** As a real API server words it. */
    public String message() {
      String text = "conflict with \"" + owner.manager() + "\"";
      if (!owner.subresource().isEmpty()) {
        text += " with subresource \"" + owner.subresource() + "\"";
      }
      if (!owner.apply()) {
        text += " using " + entry.apiVersion() + " at " + entry.time();
      }
      return text;
    }
  }
}
