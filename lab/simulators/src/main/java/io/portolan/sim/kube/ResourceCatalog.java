package io.portolan.sim.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.sim.kube.schema.Shape;
import io.portolan.sim.kube.schema.StructuralSchema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** The resources that the server knows: built-in ones and those of registered CRDs. */
final class ResourceCatalog {
  private static final Shape METADATA = Shape.ofPaths("ownerReferences[uid]", "finalizers[*]");

  /** By {@code group/version/plural}. */
  private final Map<String, ResourceType> types = new ConcurrentSkipListMap<>();

  ResourceCatalog() {
    BuiltInTypes.all().forEach(this::add);
  }

  private void add(ResourceType type) {
    types.put(key(type.group(), type.version(), type.plural()), type);
  }

  private static String key(String group, String version, String plural) {
    return group + "/" + version + "/" + plural;
  }

  Optional<ResourceType> find(String group, String version, String plural) {
    return Optional.ofNullable(types.get(key(group, version, plural)));
  }

  /** By the object's own words. */
  Optional<ResourceType> findKind(String apiVersion, String kind) {
    return types.values().stream()
        .filter(t -> t.apiVersion().equals(apiVersion) && t.kind().equals(kind))
        .findFirst();
  }

  Collection<ResourceType> all() {
    return types.values();
  }

  /** Adds, or replaces, the served versions of a CRD. */
  void register(ObjectNode crd) {
    unregister(crd);
    typesOf(crd).forEach(this::add);
  }

  void unregister(ObjectNode crd) {
    JsonNode spec = crd.path("spec");
    String group = spec.path("group").asText();
    String plural = spec.path("names").path("plural").asText();
    types
        .values()
        .removeIf(t -> t.isCustom() && t.group().equals(group) && t.plural().equals(plural));
  }

  static List<ResourceType> typesOf(ObjectNode crd) {
    JsonNode spec = crd.path("spec");
    JsonNode names = spec.path("names");
    List<String> shortNames = new ArrayList<>();
    names.path("shortNames").forEach(n -> shortNames.add(n.asText()));
    List<ResourceType> types = new ArrayList<>();
    for (JsonNode version : spec.path("versions")) {
      if (!version.path("served").asBoolean()) {
        continue;
      }
      StructuralSchema schema =
          new StructuralSchema(version.path("schema").path("openAPIV3Schema"));
      types.add(
          new ResourceType(
              spec.path("group").asText(),
              version.path("name").asText(),
              names.path("kind").asText(),
              names.path("plural").asText(),
              shortNames,
              spec.path("scope").asText().equals("Namespaced"),
              version.path("subresources").has("status"),
              true,
              false,
              schema.shape().with("metadata", METADATA),
              Optional.empty(),
              Optional.of(schema)));
    }
    return types;
  }
}
