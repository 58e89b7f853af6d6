package io.portolan.sim.kube;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Text to nodes and back. */
final class Json {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  private Json() {}

  static JsonNode parse(byte[] bytes, boolean yaml) throws IOException {
    return yaml ? YAML.readTree(bytes) : JSON.readTree(bytes);
  }

  static byte[] bytes(JsonNode node) {
    try {
      return JSON.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree can always be written", e);
    }
  }

  /** The documents of YAML (or JSON) text; empty ones are skipped. */
  static List<ObjectNode> documents(String text) {
    try (MappingIterator<JsonNode> documents = YAML.readerFor(JsonNode.class).readValues(text)) {
      List<ObjectNode> objects = new ArrayList<>();
      while (documents.hasNext()) {
        if (documents.next() instanceof ObjectNode object && !object.isEmpty()) {
          objects.add(normalised(object));
        }
      }
      return objects;
    } catch (IOException e) {
      throw new IllegalArgumentException("not YAML: " + e.getMessage(), e);
    }
  }

  /** Sorts the fields of every object in the tree, in place, as custom resources are shown. */
  static void sort(JsonNode node) {
    if (node instanceof ObjectNode object) {
      TreeMap<String, JsonNode> fields = new TreeMap<>();
      object.properties().forEach(f -> fields.put(f.getKey(), f.getValue()));
      object.removeAll();
      fields.forEach(object::set);
    }
    node.forEach(Json::sort);
  }

  /** As it would come over the wire, so that equal numbers are equal nodes. */
  static ObjectNode normalised(ObjectNode object) {
    try {
      return (ObjectNode) JSON.readTree(bytes(object));
    } catch (IOException e) {
      throw new IllegalStateException("what was written can be read", e);
    }
  }
}
