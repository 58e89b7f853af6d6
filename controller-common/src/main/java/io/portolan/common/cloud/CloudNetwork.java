package io.portolan.common.cloud;

import java.util.Optional;
import java.util.function.Function;

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
   * The same for a caller that may know better by the time the request leaves. One that makes
   * callers wait (for an API budget) asks {@code lastWord} just before sending, so that a request
   * which had to wait carries what has come to be needed meanwhile, and not a second request later;
   * or does not leave at all, because it is no longer needed or no longer allowed.
   *
   * @param lastWord from the planned action to the same kind of action on the same thing, or to
   *     nothing; called at most once, on the calling thread
   */
  default Sent execute(CloudAction planned, Function<CloudAction, Optional<CloudAction>> lastWord) {
    Optional<CloudAction> last = lastWord.apply(planned);
    return last.isPresent()
        ? new Sent(last.get(), execute(last.get()))
        : new Sent(planned, CloudOutcome.Failed.WITHDRAWN);
  }

  /** What was asked of the cloud in the end, and what it answered. */
  record Sent(CloudAction action, CloudOutcome outcome) {}
}
