package io.portolan.common.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * @param nodeSelector labels a node must carry; left out: only the profile named {@code default}
 *     may
 * @param ipam where pod addresses come from
 * @param overlay whether and how packets between nodes are encapsulated; left out: never
 * @param spillOver whether pods get overlay addresses when the cloud's run out; left out: disabled
 * @param podMtu MTU of pod interfaces in bytes; left out: the node's interface MTU less the
 *     encapsulation
 * @param natOutgoing whether traffic to destinations outside the VPC leaves with the node's
 *     address; left out: yes
 * @param natExclusions further destinations that keep the pod's address
 * @param pool targets of the address pool; left out: the defaults there
 * @param aws settings that only AWS knows
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NetworkProfileSpec(
    @Nullable Map<String, String> nodeSelector,
    Ipam ipam,
    @Nullable Overlay overlay,
    @Nullable SpillOver spillOver,
    @Nullable Integer podMtu,
    @Nullable Boolean natOutgoing,
    @Nullable List<String> natExclusions,
    @Nullable Pool pool,
    @Nullable Aws aws) {

  /** Where pod addresses come from. */
  public enum Ipam {
    /** Secondary addresses or /28 prefixes of ENIs. */
    AWS,
    /** Secondary ipConfigurations of the node's NIC. */
    AZURE,
    /** A fixed block per node, routed by the network (VNET routes, Google alias ranges). */
    HOST_LOCAL,
    /** Calico-compatible block IPAM. */
    CALICO,
    /** A foreign CNI plugin; Portolan enforces policy only. */
    EXTERNAL
  }

  /**
   * @param mode when packets are encapsulated
   * @param encapsulation how
   */
  public record Overlay(Mode mode, @Nullable Encapsulation encapsulation) {
    /** When packets between nodes are encapsulated. */
    public enum Mode {
      NEVER,
      ALWAYS,
      CROSS_SUBNET
    }

    /** The encapsulation. */
    public enum Encapsulation {
      VXLAN,
      IPIP
    }
  }

  /** Whether pods get overlay addresses when the cloud's run out. */
  public enum SpillOver {
    DISABLED,
    OVERLAY
  }

  /**
   * @param reserve addresses kept free on each node beyond the pods bound to it; default 2
   * @param releaseDelaySeconds how long an excess must last before addresses are given back;
   *     default 300
   * @param cooldownSeconds how long an address rests after its pod is gone; default 30
   * @param maxPodsPerNode upper bound of addresses per node; left out: what the machine type holds
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Pool(
      @Nullable Integer reserve,
      @Nullable Integer releaseDelaySeconds,
      @Nullable Integer cooldownSeconds,
      @Nullable Integer maxPodsPerNode) {}

  /**
   * @param allocation single secondary addresses or /28 prefixes; default SECONDARY_IP
   * @param subnetIds candidate subnets for new ENIs; left out: by tags, else the node's own subnet
   * @param subnetTags tags a candidate subnet must carry
   * @param securityGroupIds groups of new ENIs; left out: those of the primary ENI
   * @param firstDeviceIndex the first device index whose ENI may carry pod addresses; 0 includes
   *     the primary ENI (default)
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Aws(
      @Nullable Allocation allocation,
      @Nullable List<String> subnetIds,
      @Nullable Map<String, String> subnetTags,
      @Nullable List<String> securityGroupIds,
      @Nullable Integer firstDeviceIndex) {
    /** How addresses are taken from an ENI. */
    public enum Allocation {
      SECONDARY_IP,
      PREFIX
    }
  }
}
