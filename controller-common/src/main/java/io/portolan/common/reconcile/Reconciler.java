package io.portolan.common.reconcile;

/** Brings one keyed thing closer to rest. Called for one key by one thread at a time. */
public interface Reconciler<K> {

  /**
   * Blocks as long as the work takes, on a virtual thread; interrupted when the loop is closed and
   * its grace is over.
   */
  Outcome reconcile(K key);
}
