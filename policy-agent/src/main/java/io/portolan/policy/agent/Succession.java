package io.portolan.policy.agent;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.ObjectKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What of one group's objects is believed when another group is followed instead: an object is gone
 * when the group that last showed it says so. What only the former group showed is kept, as to drop
 * it would open what it closes; until {@link #expire}.
 *
 * <p>Not thread-safe.
 */
final class Succession {
  /** By object that is known, the group that last showed it. */
  private final Map<ObjectKey, CalicoGroup> shown = new HashMap<>();

  /** What a group's event means for those who know all that came before. */
  List<KubeEvent<JsonNode>> from(CalicoGroup group, KubeEvent<JsonNode> event) {
    switch (event) {
      case KubeEvent.Synced<JsonNode> all -> {
        return synced(group, all);
      }
      case KubeEvent.Upsert<JsonNode>(JsonNode object) ->
          shown.put(ClusterFeeds.key(object), group);
      case KubeEvent.Delete<JsonNode>(ObjectKey key, String _) -> shown.remove(key);
      case KubeEvent.Disconnected<JsonNode> _, KubeEvent.Resumed<JsonNode> _ -> {}
    }
    return List.of(event);
  }

  private List<KubeEvent<JsonNode>> synced(CalicoGroup group, KubeEvent.Synced<JsonNode> all) {
    Set<ObjectKey> listed = new HashSet<>();
    all.objects().forEach(object -> listed.add(ClusterFeeds.key(object)));
    Map<ObjectKey, CalicoGroup> missing = new HashMap<>(shown);
    missing.keySet().removeAll(listed);
    boolean isComplete = missing.values().stream().allMatch(group::equals);
    listed.forEach(key -> shown.put(key, group));
    if (isComplete || !all.served()) {
      shown.keySet().retainAll(listed);
      return List.of(all);
    }
    List<KubeEvent<JsonNode>> events = new ArrayList<>();
    events.add(new KubeEvent.Resumed<>());
    all.objects().forEach(object -> events.add(new KubeEvent.Upsert<>(object)));
    missing.forEach((key, by) -> {
      if (by == group) {
        shown.remove(key);
        events.add(new KubeEvent.Delete<>(key, ""));
      }
    });
    return events;
  }

  /** From now on this group is the one that says whether any of the objects is gone. */
  void believe(CalicoGroup group) {
    shown.replaceAll((_, _) -> group);
  }

  /** How many objects another group than this one showed last. */
  int kept(CalicoGroup group) {
    return (int) shown.values().stream().filter(by -> by != group).count();
  }

  /** What another group than this one showed last is gone. */
  List<KubeEvent<JsonNode>> expire(CalicoGroup group) {
    List<KubeEvent<JsonNode>> events = new ArrayList<>();
    shown.entrySet().stream()
        .filter(entry -> entry.getValue() != group)
        .map(Map.Entry::getKey)
        .sorted()
        .forEach(key -> events.add(new KubeEvent.Delete<>(key, "")));
    shown.values().removeIf(by -> by != group);
    return events;
  }
}
