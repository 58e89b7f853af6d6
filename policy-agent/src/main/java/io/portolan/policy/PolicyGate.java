package io.portolan.policy;

import java.util.concurrent.CompletableFuture;

/**
 * What pod wiring asks of policy enforcement. Each interface of a pod ({@link PodEndpoint#id})
 * passes through it by itself, in this order:
 *
 * <pre>
 *   isolate(pod)      committed: nothing from or to the pod passes, replies included
 *   ... link up ...
 *   admit(pod)        completes: the pod's own policy is in force
 *   ... the pod runs ...
 *   forget(pod)       after its link is gone
 * </pre>
 *
 * All calls are idempotent and may come from any thread. A failed kernel transaction throws {@link
 * IllegalStateException} from {@code isolate} and {@code forget} and fails the future of {@code
 * admit}: the pod stays isolated and the caller must not report it as started.
 */
public interface PolicyGate {

  /**
   * Denies everything from and to the pod. Committed to the kernel when it returns, so it must be
   * called before the pod's link is brought up. Traffic between the pod and its own node is denied
   * too until {@link #admit}.
   */
  void isolate(PodEndpoint pod);

  /**
   * Replaces isolation by the pod's own policy, as soon as the pod is known from the API server.
   * The future completes once the kernel has committed it; it never completes with a guess. Callers
   * bound the wait themselves; cancelling the future withdraws nothing.
   */
  CompletableFuture<Programmed> admit(PodEndpoint pod);

  /**
   * Removes what the kernel holds for the endpoint and the conntrack entries of its addresses, so
   * that a successor with the same address inherits nothing. Other endpoints of the pod, and
   * elements that meanwhile belong to another endpoint, are left alone.
   */
  void forget(PodEndpoint pod);
}
