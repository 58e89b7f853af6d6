package io.portolan.sim.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.sim.kube.WriteOptions.Deletion;
import io.portolan.sim.kube.patch.JsonPatch;
import io.portolan.sim.kube.patch.ManagedFields;
import io.portolan.sim.kube.patch.ManagedFields.Owner;
import io.portolan.sim.kube.patch.MergePatch;
import io.portolan.sim.kube.patch.PatchException;
import io.portolan.sim.kube.patch.ServerSideApply;
import io.portolan.sim.kube.patch.StrategicMergePatch;
import io.portolan.sim.kube.schema.Shape;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The verbs on one store: each reads, decides and writes with nothing in between. */
final class ResourceVerbs {
  private static final String SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

  private final ObjectStore store;
  private final ResourceCatalog catalog;
  private final InstantSource clock;
  private final RandomGenerator random;

  ResourceVerbs(
      ObjectStore store, ResourceCatalog catalog, InstantSource clock, RandomGenerator random) {
    this.store = store;
    this.catalog = catalog;
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
    checkIdentity(type, namespace, null, object);
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
    if (isCrd(type)) {
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
      checkIdentity(type, namespace, name, body);
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
    checkVersion(type, key, old, wanted);
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
    checkIdentity(type, key.namespace(), key.name(), config);
    checkDeclared(type, key, config);
    ObjectNode old = store.get(key);
    if (old == null && !subresource.isEmpty()) {
      throw ApiFailure.notFound(type, key.name());
    }
    ObjectNode live = old == null ? identity(type, key) : old;
    if (old != null) {
      checkVersion(type, key, old, config);
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

  private static void checkDeclared(ResourceType type, ObjectKey key, ObjectNode config) {
    List<String> unknown = type.schema().map(schema -> schema.undeclared(config)).orElse(List.of());
    if (!unknown.isEmpty()) {
      throw ApiFailure.bare(
          "failed to create typed patch object ("
              + key.namespace()
              + "/"
              + key.name()
              + "; "
              + type.apiVersion()
              + ", Kind="
              + type.kind()
              + "): ."
              + unknown.getFirst()
              + ": field not declared in schema");
    }
  }

  private static ObjectNode identity(ResourceType type, ObjectKey key) {
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
      return removeNow(type, key);
    }
    return commit(type, key, next, options);
  }

  private ObjectNode commit(
      ResourceType type, ObjectKey key, ObjectNode object, WriteOptions options) {
    if (options.dryRun()) {
      return object;
    }
    ObjectNode stored = store.put(key, object);
    if (isCrd(type)) {
      catalog.register(stored);
    }
    return stored;
  }

  private static boolean isCrd(ResourceType type) {
    return type.kind().equals("CustomResourceDefinition") && !type.isCustom();
  }

  /** Returns the object as it is after the call: gone, or waiting to be. */
  ObjectNode delete(
      ResourceType type, String namespace, String name, Deletion deletion, boolean dryRun) {
    return store.exclusively(() -> {
      ObjectKey key = new ObjectKey(type.groupResource(), namespace, name);
      ObjectNode old = existing(type, key);
      checkPreconditions(type, key, old, deletion);
      if (dryRun) {
        return old;
      }
      return type.kind().equals("Namespace") && !type.isCustom()
          ? deleteNamespace(type, key, old)
          : deleteObject(type, key, old, deletion.gracePeriodSeconds());
    });
  }

  private ObjectNode deleteObject(
      ResourceType type, ObjectKey key, ObjectNode old, @Nullable Long askedGrace) {
    long grace = ObjectRules.gracePeriod(type, old, askedGrace);
    boolean held = !old.path("metadata").path("finalizers").isEmpty();
    if (grace == 0 && !held) {
      return removeNow(type, key);
    }
    ObjectNode next = old.deepCopy();
    ObjectNode metadata = ObjectRules.metadata(next);
    boolean already = metadata.has("deletionTimestamp");
    if (already && metadata.path("deletionGracePeriodSeconds").asLong() <= grace) {
      return old;
    }
    Instant end = clock.instant().plusSeconds(grace);
    metadata.put("deletionTimestamp", ObjectRules.timestamp(end));
    metadata.put("deletionGracePeriodSeconds", grace);
    if (type.generation() && !already) {
      metadata.put("generation", metadata.path("generation").asInt() + 1);
    }
    return store.put(key, next);
  }

  private ObjectNode removeNow(ResourceType type, ObjectKey key) {
    ObjectNode last = store.remove(key);
    if (isCrd(type)) {
      for (ResourceType custom : ResourceCatalog.typesOf(last)) {
        store.list(custom.groupResource(), "").forEach(entry -> store.remove(entry.getKey()));
      }
      catalog.unregister(last);
    }
    finishNamespace(key.namespace());
    return last;
  }

  /** The namespace controller in one step: contents first, then the namespace. */
  private ObjectNode deleteNamespace(ResourceType type, ObjectKey key, ObjectNode old) {
    ObjectNode next = old.deepCopy();
    if (!next.path("metadata").has("deletionTimestamp")) {
      ObjectRules.metadata(next)
          .put("deletionTimestamp", ObjectRules.timestamp(clock.instant()))
          .put("deletionGracePeriodSeconds", 0);
      next.withObjectProperty("status").put("phase", "Terminating");
      next = store.put(key, next);
    }
    for (ObjectKey content : store.inNamespace(key.name())) {
      ObjectNode object = store.get(content);
      if (object != null) {
        ResourceType contentType =
            catalog
                .findKind(object.path("apiVersion").asText(), object.path("kind").asText())
                .orElse(type);
        deleteObject(contentType, content, object, 0L);
      }
    }
    finishNamespace(key.name());
    return next;
  }

  private void finishNamespace(String name) {
    ObjectKey key = new ObjectKey("namespaces", "", name);
    ObjectNode namespace = name.isEmpty() ? null : store.get(key);
    if (namespace != null
        && namespace.path("metadata").has("deletionTimestamp")
        && store.inNamespace(name).isEmpty()) {
      store.remove(key);
    }
  }

  private static void checkIdentity(
      ResourceType type, String namespace, @Nullable String name, ObjectNode body) {
    String kind = body.path("kind").asText();
    String apiVersion = body.path("apiVersion").asText();
    if ((!kind.isEmpty() && !kind.equals(type.kind()))
        || (!apiVersion.isEmpty() && !apiVersion.equals(type.apiVersion()))) {
      throw ApiFailure.badRequest(
          "the object provided is "
              + apiVersion
              + " "
              + kind
              + ", not "
              + type.apiVersion()
              + " "
              + type.kind());
    }
    String bodyNamespace = body.path("metadata").path("namespace").asText();
    if (!bodyNamespace.isEmpty() && !bodyNamespace.equals(namespace) && type.namespaced()) {
      throw ApiFailure.badRequest(
          "the namespace of the provided object does not match the namespace sent on the request");
    }
    String bodyName = ObjectRules.name(body);
    if (name != null && !bodyName.isEmpty() && !bodyName.equals(name)) {
      throw ApiFailure.badRequest(
          "the name of the object ("
              + bodyName
              + ") does not match the name on the URL ("
              + name
              + ")");
    }
  }

  private static void checkVersion(
      ResourceType type, ObjectKey key, ObjectNode old, ObjectNode wanted) {
    String version = wanted.path("metadata").path("resourceVersion").asText();
    if (!version.isEmpty()
        && !version.equals(old.path("metadata").path("resourceVersion").asText())) {
      throw ApiFailure.modified(type, key.name());
    }
    String uid = wanted.path("metadata").path("uid").asText();
    String actual = old.path("metadata").path("uid").asText();
    if (!uid.isEmpty() && !uid.equals(actual)) {
      throw ApiFailure.conflict(
          type,
          key.name(),
          "Precondition failed: UID in precondition: " + uid + ", UID in object meta: " + actual);
    }
  }

  private static void checkPreconditions(
      ResourceType type, ObjectKey key, ObjectNode old, Deletion deletion) {
    JsonNode metadata = old.path("metadata");
    if (deletion.uid() != null && !deletion.uid().equals(metadata.path("uid").asText())) {
      throw ApiFailure.conflict(
          type,
          key.name(),
          "Precondition failed: UID in precondition: "
              + deletion.uid()
              + ", UID in object meta: "
              + metadata.path("uid").asText());
    }
    String version = metadata.path("resourceVersion").asText();
    if (deletion.resourceVersion() != null && !deletion.resourceVersion().equals(version)) {
      throw ApiFailure.conflict(
          type,
          key.name(),
          "Precondition failed: ResourceVersion in precondition: "
              + deletion.resourceVersion()
              + ", ResourceVersion in object meta: "
              + version);
    }
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
