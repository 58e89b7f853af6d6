package io.portolan.sim.kube;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** The discovery documents: which groups, versions and resources there are. */
final class Discovery {
  private static final List<String> VERBS =
      List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

  private final ResourceCatalog catalog;

  Discovery(ResourceCatalog catalog) {
    this.catalog = catalog;
  }

  /** The document at a path, if there is one. */
  Optional<ObjectNode> at(String path) {
    String[] segments = path.replaceAll("^/|/$", "").split("/");
    if (segments[0].equals("version") && segments.length == 1) {
      return Optional.of(version());
    }
    if (segments[0].equals("api")) {
      return switch (segments.length) {
        case 1 -> Optional.of(coreVersions());
        case 2 -> resources("", segments[1]);
        default -> Optional.empty();
      };
    }
    if (segments[0].equals("apis")) {
      return switch (segments.length) {
        case 1 -> Optional.of(groups());
        case 2 -> group(segments[1]);
        case 3 -> resources(segments[1], segments[2]);
        default -> Optional.empty();
      };
    }
    return Optional.empty();
  }

  private static ObjectNode object(String kind, String apiVersion) {
    return JsonNodeFactory.instance.objectNode().put("kind", kind).put("apiVersion", apiVersion);
  }

  private static ObjectNode version() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("major", "1")
        .put("minor", "37")
        .put("gitVersion", "v1.37.0-portolan")
        .put("platform", System.getProperty("os.name").toLowerCase(Locale.ROOT));
  }

  private static ObjectNode coreVersions() {
    ObjectNode versions = object("APIVersions", "v1");
    versions.putArray("versions").add("v1");
    versions
        .putArray("serverAddressByClientCIDRs")
        .addObject()
        .put("clientCIDR", "0.0.0.0/0")
        .put("serverAddress", "");
    return versions;
  }

  private ObjectNode groups() {
    ObjectNode list = object("APIGroupList", "v1");
    ArrayNode groups = list.putArray("groups");
    TreeSet<String> names = new TreeSet<>();
    catalog.all().forEach(t -> names.add(t.group()));
    names.remove("");
    names.forEach(
        name -> group(name).ifPresent(g -> groups.add(g.without(List.of("kind", "apiVersion")))));
    return list;
  }

  private Optional<ObjectNode> group(String name) {
    TreeMap<String, String> versions = new TreeMap<>();
    for (ResourceType type : catalog.all()) {
      if (type.group().equals(name) && !name.isEmpty()) {
        versions.put(type.version(), type.apiVersion());
      }
    }
    if (versions.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode group = object("APIGroup", "v1").put("name", name);
    ArrayNode list = group.putArray("versions");
    versions.forEach((version, apiVersion) ->
        list.addObject().put("groupVersion", apiVersion).put("version", version));
    group.set("preferredVersion", list.get(0).deepCopy());
    return Optional.of(group);
  }

  private Optional<ObjectNode> resources(String group, String version) {
    Collection<ResourceType> types =
        catalog.all().stream()
            .filter(t -> t.group().equals(group) && t.version().equals(version))
            .toList();
    if (types.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode list = object("APIResourceList", "v1");
    list.put("groupVersion", group.isEmpty() ? version : group + "/" + version);
    ArrayNode resources = list.putArray("resources");
    for (ResourceType type : types) {
      ObjectNode resource = resources.addObject();
      resource.put("name", type.plural());
      resource.put("singularName", type.kind().toLowerCase(Locale.ROOT));
      resource.put("namespaced", type.namespaced());
      resource.put("kind", type.kind());
      VERBS.forEach(resource.putArray("verbs")::add);
      type.shortNames().forEach(resource.withArrayProperty("shortNames")::add);
      if (type.status()) {
        ObjectNode status = resources.addObject();
        status.put("name", type.plural() + "/status").put("singularName", "");
        status.put("namespaced", type.namespaced()).put("kind", type.kind());
        List.of("get", "patch", "update").forEach(status.putArray("verbs")::add);
      }
    }
    return Optional.of(list);
  }
}
