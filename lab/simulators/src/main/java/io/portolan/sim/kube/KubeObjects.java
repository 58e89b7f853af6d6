package io.portolan.sim.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.sim.kube.ResourceVerbs.PatchKind;
import io.portolan.sim.kube.WriteOptions.Deletion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The objects of a server, from inside its JVM: the same rules as over HTTP, without faults.
 *
 * <p>Resources are named {@code plural} or {@code plural.group}; an empty namespace means
 * cluster-scoped, or all of them in lists. Nodes returned are the caller's own. Refusals are {@link
 * ApiFailure}.
 */
public final class KubeObjects {
  private final ObjectStore store;
  private final ResourceCatalog catalog;
  private final ResourceVerbs verbs;
  private final String manager;

  KubeObjects(ObjectStore store, ResourceCatalog catalog, ResourceVerbs verbs, String manager) {
    this.store = store;
    this.catalog = catalog;
    this.verbs = verbs;
    this.manager = manager;
  }

  /** The same objects, written under another field manager; the default is {@code lab}. */
  public KubeObjects as(String fieldManager) {
    return new KubeObjects(store, catalog, verbs, fieldManager);
  }

  /**
   * One change of the store.
   *
   * @param object the new state; of a deleted object the last one
   */
  public record Change(long revision, Kind kind, String resource, ObjectNode object) {
    /** What happened. */
    public enum Kind {
      ADDED,
      MODIFIED,
      DELETED
    }
  }

  /** Creates objects from YAML or JSON documents; CRDs are in force when the call returns. */
  public List<ObjectNode> create(String documents) {
    List<ObjectNode> created = new ArrayList<>();
    for (ObjectNode document : Json.documents(documents)) {
      created.add(create(document));
    }
    return created;
  }

  /** Creates one object; a namespaced one without namespace goes to {@code default}. */
  public ObjectNode create(ObjectNode object) {
    ObjectNode body = Json.normalised(object);
    ResourceType type = typeOf(body);
    return verbs.create(type, namespaceOf(type, body), body, WriteOptions.by(manager)).deepCopy();
  }

  /** Server-side apply, with force, of YAML or JSON documents. */
  public List<ObjectNode> apply(String documents) {
    List<ObjectNode> applied = new ArrayList<>();
    for (ObjectNode document : Json.documents(documents)) {
      ResourceType type = typeOf(document);
      applied.add(
          verbs
              .patch(
                  type,
                  namespaceOf(type, document),
                  ObjectRules.name(document),
                  "",
                  PatchKind.APPLY,
                  document,
                  new WriteOptions(manager, true, false))
              .object()
              .deepCopy());
    }
    return applied;
  }

  public Optional<ObjectNode> get(String resource, String namespace, String name) {
    ObjectNode found = store.get(new ObjectKey(type(resource).groupResource(), namespace, name));
    return Optional.ofNullable(found).map(ObjectNode::deepCopy);
  }

  /** In order of namespace and name. */
  public List<ObjectNode> list(String resource, String namespace) {
    return store.list(type(resource).groupResource(), namespace).stream()
        .map(entry -> entry.getValue().deepCopy())
        .toList();
  }

  /** JSON merge patch of everything but status. */
  public ObjectNode merge(String resource, String namespace, String name, JsonNode patch) {
    return patch(resource, namespace, name, "", patch);
  }

  /** JSON merge patch of the status; {@code status} is the value of that field. */
  public ObjectNode mergeStatus(String resource, String namespace, String name, JsonNode status) {
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch.set("status", status);
    return patch(resource, namespace, name, "status", patch);
  }

  private ObjectNode patch(
      String resource, String namespace, String name, String subresource, JsonNode patch) {
    ResourceType type = type(resource);
    boolean status = subresource.isEmpty() || type.status();
    ObjectNode body = Json.normalised((ObjectNode) patch);
    return verbs
        .patch(
            type,
            namespace,
            name,
            status ? subresource : "",
            PatchKind.MERGE,
            body,
            WriteOptions.by(manager))
        .object()
        .deepCopy();
  }

  /** Deletes as a client does: pods with a node wait for it, finalizers hold. */
  public ObjectNode delete(String resource, String namespace, String name) {
    return verbs
        .deletions()
        .delete(type(resource), namespace, name, Deletion.PLAIN, false)
        .deepCopy();
  }

  /** Deletes a pod for good, as its kubelet does in the end. */
  public ObjectNode deleteNow(String resource, String namespace, String name) {
    return verbs
        .deletions()
        .delete(type(resource), namespace, name, new Deletion(null, null, 0L), false)
        .deepCopy();
  }

  /** The newest revision. */
  public long revision() {
    return store.revision();
  }

  /** Makes every earlier revision too old to watch from. */
  public void compact() {
    store.compact();
  }

  /**
   * Hands every change from now on to {@code consumer}, in order. It is called while the store is
   * locked: it must only enqueue.
   */
  public AutoCloseable changes(Consumer<Change> consumer) {
    return store.exclusively(() ->
        store.subscribe(
            store.revision(),
            step ->
                consumer.accept(
                    new Change(
                        step.revision(),
                        step.after() == null
                            ? Change.Kind.DELETED
                            : step.before() == null ? Change.Kind.ADDED : Change.Kind.MODIFIED,
                        step.key().groupResource(),
                        step.last().deepCopy()))));
  }

  private ResourceType type(String resource) {
    return catalog.all().stream()
        .filter(t -> t.groupResource().equals(resource))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no resource "
                    + resource
                    + "; name it plural or plural.group, and register its CRD first"));
  }

  private ResourceType typeOf(ObjectNode object) {
    String apiVersion = object.path("apiVersion").asText();
    String kind = object.path("kind").asText();
    return catalog
        .findKind(apiVersion, kind)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no resource for " + apiVersion + " " + kind + "; register its CRD first"));
  }

  private static String namespaceOf(ResourceType type, ObjectNode object) {
    String given = object.path("metadata").path("namespace").asText();
    return !type.namespaced() ? "" : given.isEmpty() ? "default" : given;
  }

  /** Names of all registered resources, in order. */
  public List<String> resources() {
    return Map.copyOf(
            catalog.all().stream()
                .collect(
                    java.util.stream.Collectors.toMap(
                        ResourceType::groupResource, t -> true, (a, b) -> a)))
        .keySet()
        .stream()
        .sorted()
        .toList();
  }
}
