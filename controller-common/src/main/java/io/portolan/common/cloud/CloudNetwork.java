package io.portolan.common.cloud;

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
}
