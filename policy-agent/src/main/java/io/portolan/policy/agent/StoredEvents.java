package io.portolan.policy.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.ObjectKey;
import io.portolan.policy.calico.StoredForm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Events of objects as Calico stores them, in the form and under the names that people use.
 *
 * <p>Not thread-safe.
 */
final class StoredEvents {
  private final String kind;
  private Map<ObjectKey, ObjectKey> usedNames = new HashMap<>();
  private Map<ObjectKey, ObjectKey> storedNames = new HashMap<>();

  StoredEvents(String kind) {
    this.kind = kind;
  }

  /** In order; an object that changes its name is gone under the old one. */
  List<KubeEvent<JsonNode>> used(KubeEvent<JsonNode> event) {
    return switch (event) {
      case KubeEvent.Synced<JsonNode>(List<JsonNode> objects, boolean served) -> {
        usedNames = new HashMap<>();
        storedNames = new HashMap<>();
        List<JsonNode> used = new ArrayList<>();
        objects.forEach(object -> used.add(renamed(object)));
        yield List.of(new KubeEvent.Synced<>(used, served));
      }
      case KubeEvent.Upsert<JsonNode>(JsonNode object) -> {
        List<KubeEvent<JsonNode>> events = new ArrayList<>();
        Optional<ObjectKey> before = forget(ClusterFeeds.key(object));
        JsonNode used = renamed(object);
        before
            .filter(name -> !name.equals(ClusterFeeds.key(used)))
            .ifPresent(name -> events.add(new KubeEvent.Delete<>(name, "")));
        events.add(new KubeEvent.Upsert<>(used));
        yield events;
      }
      case KubeEvent.Delete<JsonNode>(ObjectKey stored, String uid) ->
          List.of(new KubeEvent.Delete<>(forget(stored).orElse(stored), uid));
      case KubeEvent.Disconnected<JsonNode> _, KubeEvent.Resumed<JsonNode> _ -> List.of(event);
    };
  }

  private Optional<ObjectKey> forget(ObjectKey stored) {
    Optional<ObjectKey> used = Optional.ofNullable(usedNames.remove(stored));
    used.ifPresent(storedNames::remove);
    return used;
  }

  /** Where two are used under one name, the later one has another. */
  private JsonNode renamed(JsonNode object) {
    ObjectKey stored = ClusterFeeds.key(object);
    JsonNode used = StoredForm.used(kind, object);
    if (storedNames.containsKey(ClusterFeeds.key(used))
        && used.path("metadata") instanceof ObjectNode metadata) {
      boolean isTaken = storedNames.containsKey(stored);
      metadata.put("name", (isTaken ? "default." : "") + stored.name());
    }
    usedNames.put(stored, ClusterFeeds.key(used));
    storedNames.put(ClusterFeeds.key(used), stored);
    return used;
  }
}
