package io.portolan.common.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which machine of which cloud the node is, and how its pods are to be wired.
 *
 * @param provider {@code aws}, {@code azure} or {@code gcp}; left out where no cloud is involved
 * @param instanceId the cloud's identifier of the machine, such as {@code i-0123456789abcdef0}
 * @param instanceType the machine type, such as {@code m5.large}
 * @param zone the availability zone, such as {@code eu-central-1a}
 * @param profile the NetworkProfile this node follows
 * @param pods what that profile says of pods; the node agent watches one object only, this one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NodeNetworkSpec(
    @Nullable String provider,
    @Nullable String instanceId,
    @Nullable String instanceType,
    @Nullable String zone,
    @Nullable String profile,
    @Nullable Pods pods) {

  /**
   * The fields of a NetworkProfile that the node agent acts on; what is left out is the agent's
   * default.
   *
   * @param mtu MTU of pod interfaces in bytes
   * @param natOutgoing whether traffic to destinations outside the VPC leaves with the node's
   *     address
   * @param natExclusions further destinations that keep the pod's address, as CIDR blocks
   * @param cooldownSeconds how long an address rests after its pod is gone
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Pods(
      @Nullable Integer mtu,
      @Nullable Boolean natOutgoing,
      @Nullable List<String> natExclusions,
      @Nullable Integer cooldownSeconds) {

    /** The part of {@code profile} that concerns the node agent. */
    public static Pods of(NetworkProfileSpec profile) {
      NetworkProfileSpec.Pool pool = profile.pool();
      return new Pods(
          profile.podMtu(),
          profile.natOutgoing(),
          profile.natExclusions(),
          pool == null ? null : pool.cooldownSeconds());
    }
  }
}
