package io.portolan.node.attach;

import io.portolan.node.endpoint.Attachment;
import io.portolan.node.endpoint.PodIdentity;
import io.portolan.policy.PodEndpoint;
import io.portolan.policy.PolicyGate;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The policy gate as attachments use it. Containers that are no pods pass: no policy can select
 * them. Without enforcement on this node everything passes.
 */
public final class PolicyAdmission {
  private final Optional<PolicyGate> gate;
  private final Duration patience;

  /**
   * @param patience how long ADD waits for a pod's policy
   */
  public PolicyAdmission(Optional<PolicyGate> gate, Duration patience) {
    this.gate = gate;
    this.patience = patience;
  }

  /** Closed before the link is up. */
  void isolate(Attachment attachment) {
    endpoint(attachment).ifPresent(pod -> gate.ifPresent(g -> g.isolate(pod)));
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

  void forget(Attachment attachment) {
    endpoint(attachment).ifPresent(pod -> gate.ifPresent(g -> g.forget(pod)));
  }

  /** The attachment as policy sees it; empty for a container that is no pod. */
  public static Optional<PodEndpoint> endpoint(Attachment attachment) {
    return attachment.pod().map(pod -> endpoint(attachment, pod));
  }

  private static PodEndpoint endpoint(Attachment attachment, PodIdentity pod) {
    return new PodEndpoint(
        pod.namespace(), pod.name(), pod.uid(), attachment.hostInterface(), attachment.addresses());
  }
}
