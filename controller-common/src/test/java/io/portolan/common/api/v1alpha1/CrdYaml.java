package io.portolan.common.api.v1alpha1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The CRDs as YAML: fabric8's generator, and after it what it cannot say. Conditions are a map by
 * type, so that two writers can each apply their own; the text of {@code @param} becomes the
 * description that {@code kubectl explain} shows.
 */
final class CrdYaml {
  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .build());
  private static final Pattern RECORD =
      Pattern.compile(
          "/\\*\\*((?:(?!\\*/).)*)\\*/\\s*(?:@(?:(?!public record).)*)?public record (\\w+)\\(",
          Pattern.DOTALL);

  private CrdYaml() {}

  /** File name to text, for all resources. */
  static Map<String, String> generate(Path sources) throws IOException {
    Map<String, String> files = new TreeMap<>();
    Collected collected = new Collected();
    new CRDGenerator()
        .customResourceClasses(List.of(NetworkProfile.class, NodeNetwork.class))
        .withParallelGenerationEnabled(false)
        .withOutput(collected)
        .forCRDVersions("v1")
        .generate();
    for (ByteArrayOutputStream stream : collected.streams.values()) {
      ObjectNode crd = (ObjectNode) YAML.readTree(stream.toByteArray());
      ObjectNode schema = (ObjectNode) crd.at("/spec/versions/0/schema/openAPIV3Schema");
      conditionsByType(schema);
      schema.putArray("required").add("spec");
      String kind = crd.at("/spec/names/kind").asText();
      columnsAsDeclared(crd, kind);
      wholeBounds(schema);
      describe(schema, kind, sources);
      files.put(
          crd.at("/metadata/name").asText() + ".yaml",
          "# Generated from the Java types; run CrdDriftTest with -Dportolan.update=true to"
              + " renew.\n"
              + YAML.writeValueAsString(crd));
    }
    return files;
  }

  /** The generator sorts columns by name; people read them as they were declared. */
  private static void columnsAsDeclared(ObjectNode crd, String kind) {
    Class<?> type = kind.equals("NodeNetwork") ? NodeNetwork.class : NetworkProfile.class;
    ObjectNode version = (ObjectNode) crd.at("/spec/versions/0");
    JsonNode generated = version.path("additionalPrinterColumns");
    ArrayNode ordered = YAML.createArrayNode();
    for (AdditionalPrinterColumn column :
        type.getAnnotationsByType(AdditionalPrinterColumn.class)) {
      for (JsonNode candidate : generated) {
        if (candidate.path("name").asText().equals(column.name())) {
          ordered.add(((ObjectNode) candidate).without("priority"));
        }
      }
    }
    version.set("additionalPrinterColumns", ordered);
  }

  /** Bounds are doubles to the generator, and whole numbers to everybody else. */
  private static void wholeBounds(JsonNode node) {
    if (node instanceof ObjectNode object) {
      for (String bound : List.of("minimum", "maximum")) {
        if (object.path(bound).isDouble()) {
          object.put(bound, object.path(bound).asLong());
        }
      }
    }
    node.forEach(CrdYaml::wholeBounds);
  }

  private static void conditionsByType(ObjectNode schema) {
    if (schema.at("/properties/status/properties/conditions") instanceof ObjectNode conditions) {
      conditions.put("x-kubernetes-list-type", "map");
      conditions.putArray("x-kubernetes-list-map-keys").add("type");
      ((ObjectNode) conditions.at("/items/properties/status"))
          .putArray("enum")
          .add("True")
          .add("False")
          .add("Unknown");
    }
  }

  private static void describe(ObjectNode schema, String kind, Path sources) throws IOException {
    Map<String, Map<String, String>> texts = new TreeMap<>();
    for (String part : List.of("Spec", "Status")) {
      Path file = sources.resolve(kind + part + ".java");
      if (Files.exists(file)) {
        texts.putAll(parameters(Files.readString(file)));
      }
    }
    texts.putAll(parameters(Files.readString(sources.resolve("Condition.java"))));
    for (String part : List.of("Spec", "Status")) {
      JsonNode node = schema.at("/properties/" + part.toLowerCase(java.util.Locale.ROOT));
      describe(node, kind + part, texts);
    }
  }

  /** A nested object is found by its field: {@code supply} is described by record Supply. */
  private static void describe(
      JsonNode node, String record, Map<String, Map<String, String>> texts) {
    Map<String, String> own = texts.getOrDefault(record, Map.of());
    for (Map.Entry<String, JsonNode> property : node.path("properties").properties()) {
      String name = property.getKey();
      ObjectNode value = (ObjectNode) property.getValue();
      if (own.containsKey(name)) {
        value.put("description", own.get(name));
      }
      JsonNode nested = value.path("type").asText().equals("array") ? value.path("items") : value;
      describe(nested, recordOf(name), texts);
    }
  }

  private static String recordOf(String field) {
    return switch (field) {
      case "interfaces" -> "Interface";
      case "releasing", "released" -> "Release";
      case "counts" -> "PoolCounts";
      case "conditions" -> "Condition";
      case String other -> Character.toUpperCase(other.charAt(0)) + other.substring(1);
    };
  }

  private static Map<String, Map<String, String>> parameters(String source) {
    Map<String, Map<String, String>> records = new TreeMap<>();
    Matcher matcher = RECORD.matcher(source);
    while (matcher.find()) {
      Map<String, String> parameters = new TreeMap<>();
      String comment =
          matcher
              .group(1)
              .replaceAll("\\s*\\*\\s+", " ")
              .replaceAll("\\{@(?:code|link) (?:\\w+#|#)?([^}]*)}", "$1");
      String[] parts = comment.split("@param ");
      for (int i = 1; i < parts.length; i++) {
        String[] nameAndText = parts[i].split(" ", 2);
        parameters.put(nameAndText[0], nameAndText[1].replaceAll("\\s+", " ").strip());
      }
      records.put(matcher.group(2), parameters);
    }
    return records;
  }

  private static final class Collected implements CRDGenerator.CRDOutput<ByteArrayOutputStream> {
    private final Map<String, ByteArrayOutputStream> streams = new TreeMap<>();

    @Override
    public ByteArrayOutputStream outputFor(String crdName) {
      return streams.computeIfAbsent(crdName, n -> new ByteArrayOutputStream());
    }

    @Override
    public URI crdURI(String crdName) {
      return URI.create("file:///" + crdName);
    }

    @Override
    public void close() {}
  }
}
