package io.portolan.policy;

import java.util.concurrent.CompletableFuture;

/**
 * What pod wiring asks of policy enforcement. Each interface of a pod ({@link PodEndpoint#id})
 * passes through it by itself, in this order:
 *
 * <pre>
 *   admit(pod)        closed completes: nothing passes that the pod's policy would not let through
 *   ... link up ...
 *                     programmed completes: the pod's own policy is in force
 *   ... the pod runs ...
 *   forget(pod)       after its link is gone
 * </pre>
 *
 * All calls are idempotent and may come from any thread. A failed kernel transaction throws {@link
 * IllegalStateException} from {@code forget} and fails the futures of {@code admit}: the caller
 * must not report the pod as started.
 */
public interface PolicyGate {

  /**
   * The progress of one endpoint. Callers bound their wait themselves; cancelling a future
   * withdraws nothing.
   *
   * @param closed completes when the kernel has the pod's policy, or denies everything from and to
   *     the pod where that is not known yet; it must have before the pod's link is brought up
   * @param programmed completes when the kernel has the pod's policy; never with a guess
   */
  record Admission(CompletableFuture<Void> closed, CompletableFuture<Programmed> programmed) {}

  /**
   * Puts the pod's own policy into the kernel. As long as the pod is not known from the API server,
   * everything from and to it is denied, traffic with its own node too.
   */
  Admission admit(PodEndpoint pod);

  /**
   * Removes what the kernel holds for the endpoint and the conntrack entries of its addresses, so
   * that a successor with the same address inherits nothing. Other endpoints of the pod, and
   * elements that meanwhile belong to another endpoint, are left alone.
   */
  void forget(PodEndpoint pod);
}
