package io.portolan.common.cloud;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A cloud's network as an effect: look at it, or change one thing of it.
 *
 * <p>Neither verb throws for anything a cloud can answer; expected failures are values. Both block
 * the calling (virtual) thread and may be called from many threads. An implementation keeps no
 * state that an answer depends on, apart from caches of facts that do not change (machine limits).
 */
public interface CloudNetwork {

  /**
   * Reads the machines of {@code scope}, their interfaces, the subnets that new interfaces may use
   * and, if asked for, interfaces of the cluster that no machine holds.
   *
   * <p>Reading may lag behind earlier writes by {@link CloudCapabilities#consistencyLag()}.
   */
  ObserveOutcome observe(ObservationScope scope);

  /**
   * Performs one action: at most one request that changes anything, waited for until the cloud
   * calls it complete (long-running operations included). Interrupted waits answer {@link
   * CloudOutcome.Unknown}.
   */
  CloudOutcome execute(CloudAction action);

  /**
   * Performs one of several actions that do not depend on each other, for a caller that may know
   * better by the time the request leaves. An implementation that makes callers wait (for an API
   * budget) performs the one whose turn comes first and asks anew while it waits and just before
   * sending, so that a request which had to wait carries what has come to be needed meanwhile, and
   * not a second request later; or does not leave at all, because it is no longer needed or no
   * longer allowed.
   *
   * @param candidates at this moment, the preferred first; none if nothing is to be sent any more.
   *     Called on the calling thread, not again once a request has left
   */
  default Sent executeFirst(Supplier<List<Candidate>> candidates) {
    List<Candidate> now = candidates.get();
    return now.isEmpty()
        ? Sent.WITHDRAWN
        : Sent.of(now.getFirst().action(), execute(now.getFirst().action()));
  }

  /**
   * @param pods how many pods what the action brings is for, whether they wait or are about to come
   * @param mayGrow whether the action may come to bring more if it leaves later
   */
  record Candidate(CloudAction action, int pods, boolean mayGrow) {}

  /**
   * What was asked of the cloud in the end, and what it answered.
   *
   * @param action empty if nothing was asked
   */
  record Sent(Optional<CloudAction> action, CloudOutcome outcome) {
    public static final Sent WITHDRAWN = new Sent(Optional.empty(), CloudOutcome.Failed.WITHDRAWN);

    public static Sent of(CloudAction action, CloudOutcome outcome) {
      return new Sent(Optional.of(action), outcome);
    }
  }
}
