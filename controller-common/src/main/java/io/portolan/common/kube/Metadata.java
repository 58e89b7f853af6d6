package io.portolan.common.kube;

import java.util.Map;

/**
 * What watches keep of an object's metadata.
 *
 * @param namespace empty for cluster-scoped objects
 * @param labels in order of their keys
 * @param annotations only those asked for
 * @param terminating whether a deletion timestamp is set
 */
public record Metadata(
    String namespace,
    String name,
    String uid,
    String resourceVersion,
    long generation,
    Map<String, String> labels,
    Map<String, String> annotations,
    boolean terminating) {

  public Metadata {
    labels = SmallMap.copyOf(labels);
    annotations = SmallMap.copyOf(annotations);
  }

  /** The object's name among those of its resource. */
  public ObjectKey key() {
    return new ObjectKey(namespace, name);
  }
}
