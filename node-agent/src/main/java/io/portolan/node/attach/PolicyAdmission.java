package io.portolan.node.attach;

import io.portolan.common.net.IpAddress;
import io.portolan.node.endpoint.Attachment;
import io.portolan.node.endpoint.AttachmentId;
import io.portolan.node.endpoint.PodIdentity;
import io.portolan.node.ipam.Earmark;
import io.portolan.node.ipam.Holding;
import io.portolan.policy.PodEndpoint;
import io.portolan.policy.PolicyGate;
import io.portolan.policy.model.EndpointId;
import java.time.Duration;
import java.util.List;
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

  /** Endpoints whose rules are still being removed. */
  private final Map<EndpointId, CompletableFuture<?>> forgetting = new ConcurrentHashMap<>();

  /** Addresses whose connections are still being removed. */
  private final Map<IpAddress, CompletableFuture<?>> connected = new ConcurrentHashMap<>();

  /** By the earmark's number; who comes first, {@link #expect} or ADD, puts the future there. */
  private final Map<Long, CompletableFuture<Expected>> expected = new ConcurrentHashMap<>();

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

  /** Puts the policy of a pod into force that addresses are kept for; returns at once. */
  void expect(Earmark earmark, PodEndpoint pod) {
    if (gate.isPresent()) {
      awaitForgotten(pod);
      Expected promised = new Expected(pod, gate.get().admit(pod));
      expected.computeIfAbsent(earmark.number(), _ -> new CompletableFuture<>()).complete(promised);
    }
  }

  /** Takes {@link #expect} back, and when nothing is left of it runs {@code done}. */
  void unexpect(Earmark earmark, PodEndpoint pod, Runnable done) {
    if (gate.isEmpty()) {
      done.run();
      return;
    }
    expected.remove(earmark.number());
    forget(pod, pod.namespace() + "/" + pod.name(), done);
  }

  /** Begins to put the attachment's policy into force, and returns at once. */
  Progress begin(Attachment attachment) {
    return begin(attachment, Optional.empty());
  }

  /**
   * As {@link #begin(Attachment)}; with addresses that were kept, the policy is in force by now in
   * most cases. Whoever made the earmark has called {@link #expect}, or is about to.
   */
  Progress begin(Attachment attachment, Optional<Earmark> earmark) {
    Optional<PodEndpoint> pod = endpoint(attachment);
    if (gate.isEmpty() || pod.isEmpty()) {
      return new Progress(attachment, Optional.empty());
    }
    Optional<Expected> promised = earmark.map(this::promised);
    if (promised.filter(p -> p.pod.equals(pod.get()) && !p.hasFailed()).isPresent()) {
      return new Progress(attachment, promised.map(Expected::admission));
    }
    // The runtime knows the pod by another UID than the API (a static pod).
    promised
        .filter(p -> !p.pod.id().equals(pod.get().id()))
        .ifPresent(p -> forget(p.pod, attachment.owner(), () -> {}));
    awaitForgotten(pod.get());
    return new Progress(attachment, Optional.of(gate.get().admit(pod.get())));
  }

  private Expected promised(Earmark earmark) {
    Expected promised =
        expected.computeIfAbsent(earmark.number(), _ -> new CompletableFuture<>()).join();
    expected.remove(earmark.number());
    return promised;
  }

  /**
   * Waits until nothing is left of the pod's last interface, nor of who had its addresses before.
   * Addresses that rested have been rid of it for long.
   */
  private void awaitForgotten(PodEndpoint pod) {
    Optional.ofNullable(forgetting.get(pod.id())).ifPresent(CompletableFuture::join);
    pod.addresses()
        .forEach(address ->
            Optional.ofNullable(connected.get(address)).ifPresent(CompletableFuture::join));
  }

  /** What was asked of the gate before the pod's ADD. */
  private record Expected(PodEndpoint pod, PolicyGate.Admission admission) {
    boolean hasFailed() {
      return admission.closed().isCompletedExceptionally()
          || admission.programmed().isCompletedExceptionally();
    }
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
   * Begins to remove what enforcement holds of the attachment and returns at once: connections are
   * looked for a fraction of a second later, and the address rests for longer anyway. A pod that
   * gets its next sandbox meanwhile, or one of the addresses, waits in {@link #begin}, unless it
   * has the next already: then the place of this interface was taken over and there is nothing to
   * forget.
   */
  void forget(Attachment attachment) {
    if (gate.isEmpty() || attachment.pod().isEmpty() || isSucceeded(attachment)) {
      return;
    }
    forget(endpoint(attachment).orElseThrow(), attachment.owner(), () -> {});
  }

  private void forget(PodEndpoint pod, String owner, Runnable then) {
    PolicyGate.Removal removal = gate.orElseThrow().forget(pod);
    whileNotDone(forgetting, pod.id(), removal.rules());
    CompletableFuture<?> connections =
        removal
            .connections()
            .whenComplete((_, failure) -> {
              if (failure != null) {
                LOG.warn("policy of {} is not removed yet: {}", owner, failure.toString());
              }
            });
    pod.addresses().forEach(address -> whileNotDone(connected, address, connections));
    var _ = connections.whenComplete((_, _) -> then.run());
  }

  /**
   * After a start: removes connections that an earlier run may have left.
   *
   * @param addresses that rest
   */
  public void forgetConnections(List<IpAddress> addresses) {
    gate.ifPresent(g -> {
      CompletableFuture<?> connections =
          g.forgetConnections(addresses)
              .whenComplete((_, failure) -> {
                if (failure != null) {
                  LOG.warn(
                      "connections of resting addresses are not removed: {}", failure.toString());
                }
              });
      addresses.forEach(address -> whileNotDone(connected, address, connections));
    });
  }

  /** Keeps a future that whoever comes next waits for; it never fails him. */
  private static <K> void whileNotDone(
      Map<K, CompletableFuture<?>> map, K key, CompletableFuture<?> future) {
    CompletableFuture<?> over = future.handle((_, _) -> true);
    map.put(key, over);
    var _ = over.thenRun(() -> map.remove(key, over));
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
