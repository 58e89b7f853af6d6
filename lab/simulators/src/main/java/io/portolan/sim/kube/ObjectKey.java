package io.portolan.sim.kube;

import java.util.Comparator;

/**
 * Where an object is stored.
 *
 * @param groupResource plural and group, the same for all versions
 * @param namespace empty for cluster-scoped objects
 */
record ObjectKey(String groupResource, String namespace, String name)
    implements Comparable<ObjectKey> {
  private static final Comparator<ObjectKey> ORDER =
      Comparator.comparing(ObjectKey::groupResource)
          .thenComparing(ObjectKey::namespace)
          .thenComparing(ObjectKey::name);

  @Override
  public int compareTo(ObjectKey other) {
    return ORDER.compare(this, other);
  }
}
