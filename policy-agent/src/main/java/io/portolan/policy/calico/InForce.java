package io.portolan.policy.calico;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.kube.ObjectKey;
import java.util.Optional;

/**
 * In which of Calico's API groups the objects are that count.
 *
 * <p>Calico says that itself by its {@code ClusterInformation}, whose {@code datastoreReady} is
 * false while the objects are moved ("locked"). From the stored group to the one that people use
 * they are moved so: the stored one is locked, which the other shows as its view; the server behind
 * the other is taken away, so that its own objects show, none at first; they are copied; the other
 * is ready, and the stored one stays locked as it was left, until somebody deletes it. (The
 * DatastoreMigration controller of Calico 3.32.)
 */
public enum InForce {
  /** The group that people use; what is stored besides is left over from a move. */
  USED,

  /** What is stored, although the other group may be served: it is not filled yet. */
  STORED,

  /** Both are the same, or Calico does not say: the group that people use, where it is served. */
  EITHER;

  /** What the ClusterInformation of a group says. */
  public enum Datastore {
    READY,
    LOCKED;

    /** Of an object of {@link CalicoKinds#CLUSTER_INFORMATION}; empty of one that says nothing. */
    public static Optional<Datastore> of(JsonNode object) {
      if (!object.path("metadata").path("name").asText("").equals(NAME.name())) {
        return Optional.empty();
      }
      // Where nothing is said, nothing is being moved.
      boolean isReady = object.path("spec").path("datastoreReady").asBoolean(true);
      return Optional.of(isReady ? READY : LOCKED);
    }
  }

  /** The only ClusterInformation there is. */
  public static final ObjectKey NAME = new ObjectKey("", "default");

  /**
   * @param used empty where there is none
   * @param stored likewise
   */
  public static InForce of(Optional<Datastore> used, Optional<Datastore> stored) {
    boolean isReady = used.equals(Optional.of(Datastore.READY));
    if (stored.isPresent() && !isReady) {
      return STORED;
    }
    return isReady && stored.equals(Optional.of(Datastore.LOCKED)) ? USED : EITHER;
  }
}
