package io.portolan.calico.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * How values of one kind are read from objects and written to them. Fields that are not understood
 * stay as they are.
 */
public abstract class Codec<T> {
  private final ObjectKind kind;

  Codec(ObjectKind kind) {
    this.kind = kind;
  }

  public final ObjectKind kind() {
    return kind;
  }

  /** The name of the object that says {@code value}. */
  public abstract String name(T value);

  abstract T read(Fields spec, JsonNode object, ApiGroup group) throws MalformedObjectException;

  abstract void write(T value, ObjectNode spec, ApiGroup group);

  /** Whether the object is on its way out, and counts as absent. */
  public boolean isDeleted(T value) {
    return false;
  }

  /** Labels the object must carry beside those it has. */
  Map<String, String> labels(T value) {
    return Map.of();
  }

  /** Reads an object of either group. */
  public final Decoded<T> decode(ObjectNode object, ApiGroup group) {
    String name = object.path("metadata").path("name").asText();
    try {
      return new Decoded.Understood<>(
          new Stored<>(read(Fields.of(object.path("spec"), "spec"), object, group), object));
    } catch (MalformedObjectException e) {
      return new Decoded.Malformed<>(name, String.valueOf(e.getMessage()));
    }
  }

  /** A new object. */
  public final ObjectNode encode(T value, ApiGroup group) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", group.apiVersion());
    object.put("kind", kind.name(group));
    object.putObject("metadata").put("name", name(value));
    return filled(object, value, group);
  }

  /**
   * The object with another value; its {@code resourceVersion} makes the write a compare-and-swap.
   */
  public final ObjectNode encode(Stored<T> before, T value, ApiGroup group) {
    ObjectNode object = before.origin().deepCopy();
    object.put("apiVersion", group.apiVersion());
    object.put("kind", kind.name(group));
    return filled(object, value, group);
  }

  private ObjectNode filled(ObjectNode object, T value, ApiGroup group) {
    write(value, object.withObjectProperty("spec"), group);
    labels(value)
        .forEach((key, text) ->
            object.withObjectProperty("metadata").withObjectProperty("labels").put(key, text));
    return object;
  }
}
