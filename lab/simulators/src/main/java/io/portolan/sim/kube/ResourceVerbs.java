package io.portolan.sim.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.sim.kube.patch.JsonPatch;
import io.portolan.sim.kube.patch.ManagedFields;
import io.portolan.sim.kube.patch.ManagedFields.Owner;
import io.portolan.sim.kube.patch.MergePatch;
import io.portolan.sim.kube.patch.PatchException;
import io.portolan.sim.kube.patch.ServerSideApply;
import io.portolan.sim.kube.patch.StrategicMergePatch;
import io.portolan.sim.kube.schema.Shape;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The verbs on one store: each reads, decides and writes with nothing in between. */
final class ResourceVerbs {
  private static final String SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

  private final ObjectStore store;
  private final ResourceCatalog catalog;
  private final Deletions deletions;
  private final InstantSource clock;
  private final RandomGenerator random;

  ResourceVerbs(
      ObjectStore store, ResourceCatalog catalog, InstantSource clock, RandomGenerator random) {
    this.store = store;
    this.catalog = catalog;
    this.deletions = new Deletions(store, catalog, clock);
    this.clock = clock;
    this.random = random;
  }

  /** How a patch is to be read. */
  enum PatchKind {
    MERGE,
    JSON,
    STRATEGIC,
    APPLY
  }

  /** Ends objects. */
  Deletions deletions() {
    return deletions;
  }

  ObjectNode get(ResourceType type, String namespace, String name) {
    return existing(type, new ObjectKey(type.groupResource(), namespace, name));
  }

  private ObjectNode existing(ResourceType type, ObjectKey key) {
    ObjectNode found = store.get(key);
    if (found == null) {
      throw ApiFailure.notFound(type, key.name());
    }
    return found;
  }

  ObjectNode create(ResourceType type, String namespace, ObjectNode body, WriteOptions options) {
    return store.exclusively(() -> createAlone(type, namespace, body.deepCopy(), options));
  }

  private ObjectNode createAlone(
      ResourceType type, String namespace, ObjectNode object, WriteOptions options) {
    RequestChecks.identity(type, namespace, null, object);
    ObjectNode metadata = ObjectRules.metadata(object);
    if (!metadata.path("resourceVersion").asText().isEmpty()) {
      throw ApiFailure.bare("resourceVersion should not be set on objects to be created");
    }
    metadata.remove("managedFields");
    if (metadata.path("name").asText().isEmpty()) {
      String prefix = metadata.path("generateName").asText();
      if (prefix.isEmpty()) {
        throw ApiFailure.unprocessable(
            "metadata.name: Required value: name or generateName is required");
      }
      metadata.put("name", prefix + suffix());
    }
    ObjectKey key = new ObjectKey(type.groupResource(), namespace, ObjectRules.name(object));
    if (store.get(key) != null) {
      throw ApiFailure.alreadyExists(type, key.name());
    }
    ObjectNode asked = object.deepCopy();
    prepareNew(type, key, object);
    Owner owner = new Owner(options.manager(), false, "");
    new ManagedFields(Map.of())
        .afterUpdate(
            MissingNode.getInstance(),
            managedView(type, asked),
            type.shape(),
            owner,
            type.apiVersion(),
            now())
        .writeTo(object);
    return commit(type, key, object, options);
  }

  /** Nobody owns the status that a creation does not set. */
  private static ObjectNode managedView(ResourceType type, ObjectNode object) {
    return type.status() ? object.without("status") : object;
  }

  private void prepareNew(ResourceType type, ObjectKey key, ObjectNode object) {
    if (type.namespaced()) {
      checkNamespace(type, key);
    }
    object.put("apiVersion", type.apiVersion());
    object.put("kind", type.kind());
    ObjectRules.prepareCreate(type, object, uuid(), clock.instant());
    if (type.namespaced()) {
      ObjectRules.metadata(object).put("namespace", key.namespace());
    }
    ObjectRules.validate(type, object);
    if (type.isCrd()) {
      ObjectRules.establish(object, clock.instant());
    }
  }

  private void checkNamespace(ResourceType type, ObjectKey key) {
    ResourceType namespaces = catalog.find("", "v1", "namespaces").orElseThrow();
    ObjectNode namespace = existing(namespaces, new ObjectKey("namespaces", "", key.namespace()));
    if (namespace.path("metadata").has("deletionTimestamp")) {
      throw ApiFailure.forbidden(
          type,
          key.name(),
          "unable to create new content in namespace "
              + key.namespace()
              + " because it is being terminated");
    }
  }

  ObjectNode update(
      ResourceType type,
      String namespace,
      String name,
      String subresource,
      ObjectNode body,
      WriteOptions options) {
    return store.exclusively(() -> {
      RequestChecks.identity(type, namespace, name, body);
      ObjectKey key = new ObjectKey(type.groupResource(), namespace, name);
      if (store.get(key) == null && type.upsert() && subresource.isEmpty()) {
        return createAlone(type, namespace, body.deepCopy(), options);
      }
      ObjectNode old = existing(type, key);
      if (type.isCustom() && body.path("metadata").path("resourceVersion").asText().isEmpty()) {
        throw ApiFailure.invalid(
            type,
            name,
            List.of(
                new io.portolan.sim.kube.schema.StructuralSchema.Violation(
                    "metadata.resourceVersion",
                    "FieldValueInvalid",
                    "Invalid value: 0: must be specified for an update")));
      }
      return replace(type, key, old, body, subresource, options);
    });
  }

  /** What a patch left, and whether it made the object. */
  record Patched(ObjectNode object, boolean created) {}

  Patched patch(
      ResourceType type,
      String namespace,
      String name,
      String subresource,
      PatchKind kind,
      JsonNode patch,
      WriteOptions options) {
    return store.exclusively(() -> {
      ObjectKey key = new ObjectKey(type.groupResource(), namespace, name);
      try {
        if (kind == PatchKind.APPLY) {
          boolean created = store.get(key) == null;
          return new Patched(apply(type, key, patch, subresource, options), created);
        }
        ObjectNode old = existing(type, key);
        ObjectNode wanted = patched(type, old, kind, patch);
        return new Patched(replace(type, key, old, wanted, subresource, options), false);
      } catch (PatchException e) {
        throw kind == PatchKind.JSON
            ? ApiFailure.unprocessable(
                "the server rejected our request due to an error in our request: " + e.getMessage())
            : ApiFailure.badRequest(String.valueOf(e.getMessage()));
      }
    });
  }

  private static ObjectNode patched(
      ResourceType type, ObjectNode old, PatchKind kind, JsonNode patch) {
    JsonNode result =
        switch (kind) {
          case MERGE -> MergePatch.apply(old, patch);
          case JSON -> JsonPatch.apply(old, patch);
          case STRATEGIC, APPLY -> {
            Shape shape =
                type.strategicShape()
                    .orElseThrow(() ->
                        ApiFailure.unsupportedMediaType("application/strategic-merge-patch+json"));
            if (!(patch instanceof ObjectNode object)) {
              throw new PatchException("a strategic merge patch is an object");
            }
            yield StrategicMergePatch.apply(old, object, shape);
          }
        };
    if (!(result instanceof ObjectNode object)) {
      throw new PatchException("the patch leaves no object");
    }
    return object;
  }

  private ObjectNode replace(
      ResourceType type,
      ObjectKey key,
      ObjectNode old,
      ObjectNode wanted,
      String subresource,
      WriteOptions options) {
    RequestChecks.version(type, key, old, wanted);
    ObjectNode next = ObjectRules.prepareUpdate(type, old, wanted, subresource);
    ObjectRules.validate(type, next);
    ObjectRules.countGeneration(type, old, next);
    ManagedFields managers = ManagedFields.of(old);
    JsonNode asked = wanted.path("metadata").path("managedFields");
    if (asked.isArray() && asked.isEmpty()) {
      managers = new ManagedFields(Map.of());
    }
    managers
        .afterUpdate(
            old,
            next,
            type.shape(),
            new Owner(options.manager(), false, subresource),
            type.apiVersion(),
            now())
        .writeTo(next);
    return store(type, key, old, next, options);
  }

  private ObjectNode apply(
      ResourceType type, ObjectKey key, JsonNode patch, String subresource, WriteOptions options) {
    if (!(patch instanceof ObjectNode config)
        || !config.path("kind").asText().equals(type.kind())
        || !config.path("apiVersion").asText().equals(type.apiVersion())) {
      throw ApiFailure.badRequest(
          "an applied configuration must be of " + type.apiVersion() + " " + type.kind());
    }
    if (config.path("metadata").hasNonNull("managedFields")
        && !config.path("metadata").path("managedFields").isEmpty()) {
      throw ApiFailure.badRequest("metadata.managedFields must be nil");
    }
    RequestChecks.identity(type, key.namespace(), key.name(), config);
    RequestChecks.declared(type, key, config);
    ObjectNode old = store.get(key);
    if (old == null && !subresource.isEmpty()) {
      throw ApiFailure.notFound(type, key.name());
    }
    ObjectNode live = old == null ? bare(type, key) : old;
    if (old != null) {
      RequestChecks.version(type, key, old, config);
    } else if (!config.path("metadata").path("uid").asText().isEmpty()) {
      throw ApiFailure.conflict(type, key.name(), "the object does not exist any more");
    }
    ServerSideApply.Scope scope =
        !type.status()
            ? ServerSideApply.Scope.WHOLE
            : subresource.isEmpty() ? ServerSideApply.Scope.SPEC : ServerSideApply.Scope.STATUS;
    Owner owner = new Owner(options.manager(), true, subresource);
    return switch (ServerSideApply.apply(
        live, config, type.shape(), owner, scope, options.force(), now())) {
      case ServerSideApply.Result.Refused(var conflicts) ->
          throw ApiFailure.applyConflicts(conflicts);
      case ServerSideApply.Result.Applied(ObjectNode applied) -> {
        if (old == null) {
          prepareNew(type, key, applied);
          yield commit(type, key, applied, options);
        }
        JsonNode managers = applied.path("metadata").path("managedFields").deepCopy();
        ObjectNode next = ObjectRules.prepareUpdate(type, old, applied, subresource);
        ObjectRules.metadata(next).set("managedFields", managers);
        ObjectRules.validate(type, next);
        ObjectRules.countGeneration(type, old, next);
        yield store(type, key, old, next, options);
      }
    };
  }

  private static ObjectNode bare(ResourceType type, ObjectKey key) {
    ObjectNode identity = com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.objectNode();
    identity.put("apiVersion", type.apiVersion()).put("kind", type.kind());
    identity.putObject("metadata").put("name", key.name());
    return identity;
  }

  private ObjectNode store(
      ResourceType type, ObjectKey key, ObjectNode old, ObjectNode next, WriteOptions options) {
    if (ObjectRules.isSame(old, next)) {
      return old;
    }
    if (options.dryRun()) {
      return next;
    }
    if (ObjectRules.isFinalized(next)) {
      store.put(key, next);
      return deletions.removeNow(type, key);
    }
    return commit(type, key, next, options);
  }

  private ObjectNode commit(
      ResourceType type, ObjectKey key, ObjectNode object, WriteOptions options) {
    if (options.dryRun()) {
      return object;
    }
    ObjectNode stored = store.put(key, object);
    if (type.isCrd()) {
      catalog.register(stored);
    }
    return stored;
  }

  private String now() {
    return ObjectRules.timestamp(clock.instant());
  }

  private String uuid() {
    return new java.util.UUID(
            (random.nextLong() & ~0xf000L) | 0x4000L, (random.nextLong() >>> 2) | (1L << 63))
        .toString();
  }

  private String suffix() {
    StringBuilder suffix = new StringBuilder(5);
    for (int i = 0; i < 5; i++) {
      suffix.append(SUFFIX_ALPHABET.charAt(random.nextInt(SUFFIX_ALPHABET.length())));
    }
    return suffix.toString();
  }
}
