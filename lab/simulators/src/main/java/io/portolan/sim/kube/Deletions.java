package io.portolan.sim.kube;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.sim.kube.WriteOptions.Deletion;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** The end of objects: grace, finalizers, the contents of namespaces and of CRDs. */
final class Deletions {
  private final ObjectStore store;
  private final ResourceCatalog catalog;
  private final InstantSource clock;

  Deletions(ObjectStore store, ResourceCatalog catalog, InstantSource clock) {
    this.store = store;
    this.catalog = catalog;
    this.clock = clock;
  }

  /** Returns the object as it is after the call: gone, or waiting to be. */
  ObjectNode delete(
      ResourceType type, String namespace, String name, Deletion deletion, boolean dryRun) {
    return store.exclusively(() -> {
      ObjectKey key = new ObjectKey(type.groupResource(), namespace, name);
      ObjectNode old = store.get(key);
      if (old == null) {
        throw ApiFailure.notFound(type, name);
      }
      RequestChecks.preconditions(type, key, old, deletion);
      if (dryRun) {
        return old;
      }
      return type.isNamespace()
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

  ObjectNode removeNow(ResourceType type, ObjectKey key) {
    ObjectNode last = store.remove(key);
    if (type.isCrd()) {
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
}
