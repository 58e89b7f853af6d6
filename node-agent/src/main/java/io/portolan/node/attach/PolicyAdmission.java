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

  /** Closed before the link is up. */
  void isolate(Attachment attachment) {
    endpoint(attachment)
        .ifPresent(pod ->
            gate.ifPresent(g -> {
              Optional.ofNullable(forgetting.get(pod.id())).ifPresent(CompletableFuture::join);
              g.isolate(pod);
            }));
  }

  /**
   * Opens the pod as far as its policy allows.
   *
   * @return why it stays closed; empty if it is open
   */
  Optional<String> admit(Attachment attachment) throws InterruptedException {
    Optional<PodEndpoint> pod = endpoint(attachment);
    if (gate.isEmpty() || pod.isEmpty()) {
      return Optional.empty();
    }
    try {
      gate.get().admit(pod.get()).get(patience.toMillis(), TimeUnit.MILLISECONDS);
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

  /**
   * Begins to remove what enforcement holds of the attachment and returns at once: looking through
   * the node's connections takes tens of milliseconds, and the address rests for longer anyway. A
   * pod that gets its next sandbox meanwhile waits for it in {@link #isolate}, unless it has the
   * next already: then the place of this interface was taken over and there is nothing to forget.
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
