package io.portolan.calico.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.calico.model.ObjectKind;
import io.portolan.common.kube.KubeResult;
import java.util.List;

/**
 * Holds objects, each with a {@code uid} and a {@code resourceVersion} that every write changes.
 *
 * <p>Each call is made once. {@code CONFLICT} says that the object is not in the state that the
 * caller named; {@code UNAVAILABLE} that there was no answer, and the call may have been carried
 * out. Calls block.
 */
public interface BlockStore {
  /**
   * All objects of a kind, or those with a label.
   *
   * @param label {@code key=value}, or empty
   */
  KubeResult<List<ObjectNode>> list(ObjectKind kind, String label);

  KubeResult<ObjectNode> get(ObjectKind kind, String name);

  /** Returns the object as stored; {@code ALREADY_EXISTS} if there is one of the name. */
  KubeResult<ObjectNode> create(ObjectKind kind, ObjectNode object);

  /** Replaces the object whose {@code resourceVersion} this one has; returns it as stored. */
  KubeResult<ObjectNode> update(ObjectKind kind, ObjectNode object);

  /** Deletes the object if it is this one in this state. */
  KubeResult<ObjectNode> delete(ObjectKind kind, String name, String uid, String resourceVersion);
}
