package io.portolan.common.kube;

import java.util.List;

/**
 * What a watch tells its consumer, on one thread and in order.
 *
 * <p>Nothing is known before the first {@link Synced}. After it, the known objects are those of the
 * last Synced with the later upserts and deletions applied, also while disconnected.
 */
public sealed interface KubeEvent<T> {
  /**
   * The whole selection at one moment; replaces everything known before.
   *
   * @param served false where the server does not know the resource, of which there are no objects
   *     then ({@link WatchOptions#absence})
   */
  record Synced<T>(List<T> objects, boolean served) implements KubeEvent<T> {
    public Synced {
      objects = List.copyOf(objects);
    }

    /** Of a resource that the server knows. */
    public Synced(List<T> objects) {
      this(objects, true);
    }
  }

  /** An object is new or changed. */
  record Upsert<T>(T object) implements KubeEvent<T> {}

  /**
   * An object is gone, or no longer selected.
   *
   * @param uid of the object that is gone; a new one of the same name has another
   */
  record Delete<T>(ObjectKey key, String uid) implements KubeEvent<T> {}

  /** What is known may be out of date from now on; the watch keeps trying. */
  record Disconnected<T>(String reason) implements KubeEvent<T> {}

  /** What is known is up to date again, and nothing was missed. */
  record Resumed<T>() implements KubeEvent<T> {}
}
