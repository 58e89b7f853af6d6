package io.portolan.calico.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.calico.model.ApiGroup;
import io.portolan.calico.model.Codec;
import io.portolan.calico.model.Decoded;
import io.portolan.calico.model.Stored;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The objects of a store by type.
 *
 * <p>Calico deletes in two steps: it marks an object as deleted, then deletes it. An object with
 * the mark counts as absent, and whoever needs its name finishes the deletion. Here the API server
 * compares what is deleted, so one step does.
 */
public final class IpamObjects {
  /** The {@code reason} of a fault for an object that cannot be understood. */
  public static final String MALFORMED = "Malformed";

  private final BlockStore store;
  private final ApiGroup group;

  public IpamObjects(BlockStore store, ApiGroup group) {
    this.store = store;
    this.group = group;
  }

  /**
   * What a list has.
   *
   * @param deleting marked as deleted, by somebody who may be gone
   * @param malformed names and problems of objects that cannot be understood
   */
  public record Listing<T>(
      List<Stored<T>> objects, List<Stored<T>> deleting, List<Decoded.Malformed<T>> malformed) {
    public Listing {
      objects = List.copyOf(objects);
      deleting = List.copyOf(deleting);
      malformed = List.copyOf(malformed);
    }
  }

  /** All of a kind. */
  public <T> KubeResult<Listing<T>> list(Codec<T> codec) {
    return list(codec, "");
  }

  /**
   * Those of a kind with a label.
   *
   * @param label {@code key=value} they must have, or empty
   */
  public <T> KubeResult<Listing<T>> list(Codec<T> codec, String label) {
    return store
        .list(codec.kind(), label)
        .map(objects -> {
          List<Stored<T>> understood = new ArrayList<>();
          List<Stored<T>> deleting = new ArrayList<>();
          List<Decoded.Malformed<T>> malformed = new ArrayList<>();
          for (ObjectNode object : objects) {
            switch (codec.decode(object, group)) {
              case Decoded.Understood<T>(Stored<T> stored) -> {
                (codec.isDeleted(stored.value()) ? deleting : understood).add(stored);
              }
              case Decoded.Malformed<T> problem -> malformed.add(problem);
            }
          }
          return new Listing<>(understood, deleting, malformed);
        });
  }

  /**
   * The object; {@code NOT_FOUND} also for one marked as deleted, whose deletion is finished. One
   * that cannot be understood is an {@code INVALID} fault of reason {@link #MALFORMED}.
   */
  public <T> KubeResult<Stored<T>> get(Codec<T> codec, String name) {
    return switch (understood(codec, store.get(codec.kind(), name))) {
      case KubeResult.Failed<Stored<T>> failed -> failed;
      case KubeResult.Ok<Stored<T>>(Stored<T> stored) -> {
        if (!codec.isDeleted(stored.value())) {
          yield new KubeResult.Ok<>(stored);
        }
        yield switch (delete(codec, stored)) {
          case KubeResult.Failed<Boolean>(KubeFault fault) -> new KubeResult.Failed<>(fault);
          case KubeResult.Ok<Boolean> _ ->
              new KubeResult.Failed<>(
                  new KubeFault(
                      KubeFault.Kind.NOT_FOUND, 404, "", name + " was deleted", Optional.empty()));
        };
      }
    };
  }

  /** Finishes deletions that somebody began. What fails is tried again another time. */
  public <T> void finish(Codec<T> codec, Listing<T> listing) {
    listing.deleting().forEach(object -> delete(codec, object));
  }

  public <T> KubeResult<Stored<T>> create(Codec<T> codec, T value) {
    return understood(codec, store.create(codec.kind(), codec.encode(value, group)));
  }

  /** Replaces {@code before} if it is still as it was. */
  public <T> KubeResult<Stored<T>> update(Codec<T> codec, Stored<T> before, T value) {
    return understood(codec, store.update(codec.kind(), codec.encode(before, value, group)));
  }

  /** Deletes {@code object} if it is still as it was; one that is gone is no fault. */
  public <T> KubeResult<Boolean> delete(Codec<T> codec, Stored<T> object) {
    KubeResult<ObjectNode> result =
        store.delete(codec.kind(), object.name(), object.uid(), object.resourceVersion());
    return switch (result) {
      case KubeResult.Ok<ObjectNode> _ -> new KubeResult.Ok<>(true);
      case KubeResult.Failed<ObjectNode>(KubeFault fault) ->
          fault.kind() == KubeFault.Kind.NOT_FOUND
              ? new KubeResult.Ok<>(false)
              : new KubeResult.Failed<>(fault);
    };
  }

  /** As this store's group writes it: what a watch brings. */
  public <T> Decoded<T> decode(Codec<T> codec, ObjectNode object) {
    return codec.decode(object, group);
  }

  private <T> KubeResult<Stored<T>> understood(Codec<T> codec, KubeResult<ObjectNode> result) {
    return switch (result) {
      case KubeResult.Failed<ObjectNode>(KubeFault fault) -> new KubeResult.Failed<>(fault);
      case KubeResult.Ok<ObjectNode>(ObjectNode object) ->
          switch (codec.decode(object, group)) {
            case Decoded.Understood<T>(Stored<T> stored) -> new KubeResult.Ok<>(stored);
            case Decoded.Malformed<T>(String name, String problem) ->
                new KubeResult.Failed<>(
                    new KubeFault(
                        KubeFault.Kind.INVALID,
                        0,
                        MALFORMED,
                        codec.kind() + " " + name + " is malformed: " + problem,
                        Optional.empty()));
          };
    };
  }
}
