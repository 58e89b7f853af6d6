package io.portolan.calico.ipam;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.calico.model.ObjectKind;
import io.portolan.calico.store.BlockStore;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An API server's memory: versions, compare-and-swap, preconditions. What goes wrong on the way to
 * it is {@link Trouble}.
 */
final class SimulatedStore implements BlockStore {
  private final Map<ObjectKind, Map<String, ObjectNode>> objects = new EnumMap<>(ObjectKind.class);
  private final Map<String, Integer> calls = new TreeMap<>();
  private final List<WriteListener> listeners = new ArrayList<>();
  private Trouble trouble = Trouble.NONE;
  private long version = 100;
  private long uids;

  /** What happens to a call beside what it does. */
  interface Trouble {
    Trouble NONE =
        new Trouble() {
          @Override
          public boolean loseRequest() {
            return false;
          }

          @Override
          public boolean loseAnswer() {
            return false;
          }
        };

    /** The call is not carried out, and its caller does not know; asked before each call. */
    boolean loseRequest();

    /** The call was carried out, and its caller does not know; asked after each call. */
    boolean loseAnswer();
  }

  /** Is told of every write as it happens. */
  interface WriteListener {
    /**
     * @param before null for a creation
     * @param after null for a deletion
     */
    void written(ObjectKind kind, @Nullable ObjectNode before, @Nullable ObjectNode after);
  }

  void trouble(Trouble next) {
    trouble = next;
  }

  void listen(WriteListener listener) {
    listeners.add(listener);
  }

  /** How many calls there were, by verb and kind, since the last time this was asked. */
  Map<String, Integer> calls() {
    Map<String, Integer> counted = new TreeMap<>(calls);
    calls.clear();
    return counted;
  }

  /** The objects of a kind at this moment, unasked for. */
  List<ObjectNode> objects(ObjectKind kind) {
    return List.copyOf(of(kind).values());
  }

  private Map<String, ObjectNode> of(ObjectKind kind) {
    return objects.computeIfAbsent(kind, _ -> new TreeMap<>());
  }

  private interface Call<T> {
    KubeResult<T> run();
  }

  private <T> KubeResult<T> call(String verb, ObjectKind kind, Call<T> call) {
    calls.merge(verb + " " + kind, 1, Integer::sum);
    if (trouble.loseRequest()) {
      return fault(KubeFault.Kind.UNAVAILABLE, "the request was lost");
    }
    KubeResult<T> result = call.run();
    return trouble.loseAnswer() ? fault(KubeFault.Kind.UNAVAILABLE, "the answer was lost") : result;
  }

  private static <T> KubeResult<T> fault(KubeFault.Kind kind, String message) {
    return new KubeResult.Failed<>(new KubeFault(kind, 0, "", message, Optional.empty()));
  }

  private static String name(ObjectNode object) {
    return object.path("metadata").path("name").asText();
  }

  private static String version(ObjectNode object) {
    return object.path("metadata").path("resourceVersion").asText();
  }

  private static String uid(ObjectNode object) {
    return object.path("metadata").path("uid").asText();
  }

  private ObjectNode stored(ObjectNode object, String uid) {
    ObjectNode stored = object.deepCopy();
    stored
        .withObjectProperty("metadata")
        .put("uid", uid)
        .put("resourceVersion", String.valueOf(++version));
    return stored;
  }

  private void tell(ObjectKind kind, @Nullable ObjectNode before, @Nullable ObjectNode after) {
    listeners.forEach(listener -> listener.written(kind, before, after));
  }

  @Override
  public KubeResult<List<ObjectNode>> list(ObjectKind kind, String label) {
    return call(
        "list",
        kind,
        () -> new KubeResult.Ok<>(of(kind).values().stream().map(ObjectNode::deepCopy).toList()));
  }

  @Override
  public KubeResult<ObjectNode> get(ObjectKind kind, String name) {
    return call(
        "get",
        kind,
        () -> {
          ObjectNode object = of(kind).get(name);
          return object == null
              ? fault(KubeFault.Kind.NOT_FOUND, name + " is not there")
              : new KubeResult.Ok<>(object.deepCopy());
        });
  }

  @Override
  public KubeResult<ObjectNode> create(ObjectKind kind, ObjectNode object) {
    return call(
        "create",
        kind,
        () -> {
          if (of(kind).containsKey(name(object))) {
            return fault(KubeFault.Kind.ALREADY_EXISTS, name(object) + " is there");
          }
          ObjectNode stored = stored(object, "u" + ++uids);
          of(kind).put(name(object), stored);
          tell(kind, null, stored);
          return new KubeResult.Ok<>(stored.deepCopy());
        });
  }

  @Override
  public KubeResult<ObjectNode> update(ObjectKind kind, ObjectNode object) {
    return call(
        "update",
        kind,
        () -> {
          ObjectNode before = of(kind).get(name(object));
          if (before == null) {
            return fault(KubeFault.Kind.NOT_FOUND, name(object) + " is not there");
          }
          if (!version(before).equals(version(object))) {
            return fault(KubeFault.Kind.CONFLICT, name(object) + " has changed");
          }
          ObjectNode stored = stored(object, uid(before));
          of(kind).put(name(object), stored);
          tell(kind, before, stored);
          return new KubeResult.Ok<>(stored.deepCopy());
        });
  }

  @Override
  public KubeResult<ObjectNode> delete(
      ObjectKind kind, String name, String uid, String resourceVersion) {
    return call(
        "delete",
        kind,
        () -> {
          ObjectNode before = of(kind).get(name);
          if (before == null) {
            return fault(KubeFault.Kind.NOT_FOUND, name + " is not there");
          }
          if (!uid(before).equals(uid) || !version(before).equals(resourceVersion)) {
            return fault(KubeFault.Kind.CONFLICT, name + " has changed");
          }
          of(kind).remove(name);
          tell(kind, before, null);
          return new KubeResult.Ok<>(before.deepCopy());
        });
  }
}
