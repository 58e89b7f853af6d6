package io.portolan.sim.kube;

import org.jspecify.annotations.Nullable;

/**
 * How a write is meant.
 *
 * @param manager the field manager
 * @param force server-side apply takes fields over from other managers
 * @param dryRun answer as if, change nothing
 */
record WriteOptions(String manager, boolean force, boolean dryRun) {
  static WriteOptions by(String manager) {
    return new WriteOptions(manager, false, false);
  }

  /**
   * Conditions of a deletion.
   *
   * @param uid refused unless the object has this uid
   * @param resourceVersion refused unless the object is at this version
   * @param gracePeriodSeconds for pods; null for the pod's own
   */
  record Deletion(
      @Nullable String uid, @Nullable String resourceVersion, @Nullable Long gracePeriodSeconds) {
    static final Deletion PLAIN = new Deletion(null, null, null);
  }
}
