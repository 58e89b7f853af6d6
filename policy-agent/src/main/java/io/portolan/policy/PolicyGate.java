package io.portolan.policy;

import io.portolan.common.net.IpAddress;
import java.util.List;
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
 *                     connections completes: another pod may have the addresses
 * </pre>
 *
 * All calls are idempotent, return at once and may come from any thread. A failed kernel
 * transaction fails the futures: the caller must not report the pod as started.
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
   * The end of one endpoint.
   *
   * @param rules completes when the kernel has no rule of the endpoint any more
   * @param connections completes some moments later, when it knows no connection of the endpoint's
   *     addresses any more: a successor with the same address inherits nothing
   */
  record Removal(CompletableFuture<Void> rules, CompletableFuture<Void> connections) {}

  /**
   * Removes what the kernel holds for the endpoint and the conntrack entries of its addresses.
   * Other endpoints of the pod, and elements that meanwhile belong to another endpoint, are left
   * alone.
   */
  Removal forget(PodEndpoint pod);

  /**
   * Removes the conntrack entries of addresses that no pod has, which an earlier run may have left
   * as it ended.
   *
   * @return completes when there are none of them
   */
  CompletableFuture<Void> forgetConnections(List<IpAddress> addresses);
}
