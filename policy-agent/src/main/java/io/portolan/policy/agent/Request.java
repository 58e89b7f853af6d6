package io.portolan.policy.agent;

import io.portolan.common.net.IpAddress;
import io.portolan.policy.compile.LocalElements;
import io.portolan.policy.compile.Owner;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.LocalPod;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** What other threads ask of the enforcing one. */
sealed interface Request {

  /** The cluster changed. */
  record Change(ClusterChange change) implements Request {}

  /** The cluster is known as a whole. */
  record Synced() implements Request {}

  /**
   * An interface of a pod is about to be wired.
   *
   * @param closed completes when it is isolated or its policy is in the kernel
   * @param standing completes when the pod's own policy is in the kernel
   */
  record Admit(
      LocalPod pod,
      CompletableFuture<Void> closed,
      CompletableFuture<LocalElements.Standing> standing)
      implements Request {}

  /** Somebody was wired who is no pod yet. */
  record Isolate(LocalPod pod) implements Request {}

  /** Completes when no rule of the pod is left in the kernel. */
  record Forget(LocalPod pod, CompletableFuture<Void> done) implements Request {}

  /** Completes with the pods that have these addresses. */
  record Owners(Set<IpAddress> addresses, CompletableFuture<Map<IpAddress, Owner>> found)
      implements Request {}

  /** Ends the thread. */
  record Stop() implements Request {}
}
