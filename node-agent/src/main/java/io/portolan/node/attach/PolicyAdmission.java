package io.portolan.node.attach;

import io.portolan.node.endpoint.Attachment;
import io.portolan.node.endpoint.AttachmentId;
import io.portolan.node.endpoint.PodIdentity;
import io.portolan.node.ipam.Holding;
import io.portolan.policy.PodEndpoint;
import io.portolan.policy.PolicyGate;
import io.portolan.policy.model.EndpointId;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy gate as attachments use it. Containers that are no pods pass: no policy can select
 * them. Without enforcement on this node everything passes.
 */
public final class PolicyAdmission {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyAdmission.class);
  private final Optional<PolicyGate> gate;
  private final Duration patience;
  private final Supplier<Map<AttachmentId, Holding>> holdings;

  /** What is still being forgotten. */
  private final Map<EndpointId, CompletableFuture<Void>> forgetting = new ConcurrentHashMap<>();

  /**
   * @param patience how long ADD waits for a pod's policy
   * @param holdings what is attached at the moment
   */
  public PolicyAdmission(
      Optional<PolicyGate> gate, Duration patience, Supplier<Map<AttachmentId, Holding>> holdings) {
    this.gate = gate;
    this.patience = patience;
    this.holdings = holdings;
  }

  /** Begins to put the attachment's policy into force, and returns at once. */
  Progress begin(Attachment attachment) {
    Optional<PodEndpoint> pod = endpoint(attachment);
    if (gate.isEmpty() || pod.isEmpty()) {
      return new Progress(attachment, Optional.empty());
    }
    Optional.ofNullable(forgetting.get(pod.get().id())).ifPresent(CompletableFuture::join);
    return new Progress(attachment, Optional.of(gate.get().admit(pod.get())));
  }

  /** One attachment on its way; without an admission nothing is enforced on it. */
  final class Progress {
    private final Attachment attachment;
    private final Optional<PolicyGate.Admission> admission;

    private Progress(Attachment attachment, Optional<PolicyGate.Admission> admission) {
      this.attachment = attachment;
      this.admission = admission;
    }

    /**
     * Returns when nothing passes the interface that the pod's policy would not let through.
     *
     * @throws IllegalStateException if the kernel refused
     */
    void awaitClosed() {
      admission.ifPresent(a -> {
        try {
          a.closed().join();
        } catch (CompletionException e) {
          throw new IllegalStateException(e.getCause() == null ? e : e.getCause());
        }
      });
    }

    /**
     * Waits for the pod's own policy.
     *
     * @return why the pod stays closed; empty if its policy is in force
     */
    Optional<String> awaitProgrammed() throws InterruptedException {
      if (admission.isEmpty()) {
        return Optional.empty();
      }
      try {
        admission.get().programmed().get(patience.toMillis(), TimeUnit.MILLISECONDS);
        return Optional.empty();
      } catch (TimeoutException e) {
        return Optional.of(
            "the network policy of pod "
                + attachment.owner()
                + " was not in force within "
                + patience.toMillis()
                + " ms; is the API server reachable from this node?");
      } catch (ExecutionException e) {
        return Optional.of("the network policy cannot be enforced: " + e.getCause());
      }
    }
  }

  /**
   * Begins to remove what enforcement holds of the attachment and returns at once: looking through
   * the node's connections takes tens of milliseconds, and the address rests for longer anyway. A
   * pod that gets its next sandbox meanwhile waits for it in {@link #begin}, unless it has the next
   * already: then the place of this interface was taken over and there is nothing to forget.
   */
  void forget(Attachment attachment) {
    if (gate.isEmpty() || attachment.pod().isEmpty() || isSucceeded(attachment)) {
      return;
    }
    PodEndpoint pod = endpoint(attachment).orElseThrow();
    CompletableFuture<Void> done = new CompletableFuture<>();
    forgetting.put(pod.id(), done);
    Thread.ofVirtual()
        .name("policy-forget")
        .start(() -> {
          try {
            gate.get().forget(pod);
          } catch (RuntimeException e) {
            LOG.warn("policy of {} is not removed yet: {}", attachment.owner(), e.toString());
          } finally {
            forgetting.remove(pod.id(), done);
            done.complete(null);
          }
        });
  }

  private boolean isSucceeded(Attachment attachment) {
    return holdings.get().values().stream()
        .filter(h -> h.phase() != Holding.Phase.DETACHING)
        .map(Holding::attachment)
        .filter(other -> !other.id().equals(attachment.id()))
        .anyMatch(other -> endpointId(other).equals(endpointId(attachment)));
  }

  /** The attachment as policy sees it; empty for a container that is no pod. */
  public static Optional<PodEndpoint> endpoint(Attachment attachment) {
    return attachment.pod().map(pod -> endpoint(attachment, pod));
  }

  private static Optional<EndpointId> endpointId(Attachment attachment) {
    return endpoint(attachment).map(PodEndpoint::id);
  }

  private static PodEndpoint endpoint(Attachment attachment, PodIdentity pod) {
    return new PodEndpoint(
        pod.namespace(), pod.name(), pod.uid(), attachment.hostInterface(), attachment.addresses());
  }
}
