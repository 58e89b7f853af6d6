package io.portolan.policy.agent;

import io.portolan.policy.compile.LocalElements;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.LocalPod;
import java.util.concurrent.CompletableFuture;

/** What other threads ask of the enforcing one. */
sealed interface Request {

  /** The cluster changed. */
  record Change(ClusterChange change) implements Request {}

  /** The cluster is known as a whole. */
  record Synced() implements Request {}

  /** Completes when the pod is isolated in the kernel. */
  record Isolate(LocalPod pod, CompletableFuture<Void> done) implements Request {}

  /** Completes when the pod's own policy is in the kernel. */
  record Admit(LocalPod pod, CompletableFuture<LocalElements.Standing> done) implements Request {}

  /** Completes when no rule of the pod is left in the kernel. */
  record Forget(LocalPod pod, CompletableFuture<Void> done) implements Request {}

  /** Ends the thread. */
  record Stop() implements Request {}
}
