package io.portolan.common.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
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
@ValidationRule(
    value = "!has(self.aws) || self.ipam == 'AWS'",
    message = "aws: these settings mean nothing without ipam AWS; remove them")
@ValidationRule(
    value = "!has(self.pool) || self.ipam in ['AWS', 'AZURE']",
    message = "pool: only pools of a cloud (ipam AWS or AZURE) have targets; remove it")
@ValidationRule(
    value = "!has(self.spillOver) || self.spillOver == 'DISABLED' || self.ipam in ['AWS', 'AZURE']",
    message =
        "spillOver: only addresses of a cloud (ipam AWS or AZURE) can run out and spill over;"
            + " remove it")
@ValidationRule(
    value =
        "!has(self.overlay) || self.overlay.mode == 'NEVER' || self.ipam == 'CALICO'"
            + " || (has(self.spillOver) && self.spillOver == 'OVERLAY')",
    message =
        "overlay: only Calico blocks are encapsulated; use ipam CALICO or spillOver OVERLAY, or"
            + " mode NEVER")
@ValidationRule(
    value =
        "self.ipam != 'AZURE' || !has(self.overlay) || !has(self.overlay.encapsulation)"
            + " || self.overlay.encapsulation != 'IPIP'",
    message = "overlay.encapsulation: Azure's network drops IPIP (protocol 4); use VXLAN")
@ValidationRule(
    value =
        "self.ipam != 'EXTERNAL' || !(has(self.podMtu) || has(self.natOutgoing)"
            + " || has(self.natExclusions))",
    message =
        "ipam: with EXTERNAL the other CNI plugin wires pods; podMtu, natOutgoing and natExclusions"
            + " are its business")
@ValidationRule(
    value = "!has(self.natExclusions) || self.natExclusions.all(c, isCIDR(c))",
    message = "natExclusions: write blocks such as 10.0.0.0/8 or 2001:db8::/32")
public record NetworkProfileSpec(
    @Nullable Map<String, String> nodeSelector,
    @Required Ipam ipam,
    @Nullable Overlay overlay,
    @Nullable SpillOver spillOver,
    @Min(1280) @Max(9216) @Nullable Integer podMtu,
    @Nullable Boolean natOutgoing,
    @Size(max = 64) @Nullable List<@Size(max = 43) String> natExclusions,
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
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value = "self.mode == 'NEVER' || has(self.encapsulation)",
      message = "encapsulation: say VXLAN or IPIP, because mode is not NEVER")
  public record Overlay(@Required Mode mode, @Nullable Encapsulation encapsulation) {
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
      @Min(0) @Max(1000) @Nullable Integer reserve,
      @Min(0) @Max(86_400) @Nullable Integer releaseDelaySeconds,
      @Min(0) @Max(3600) @Nullable Integer cooldownSeconds,
      @Min(1) @Max(1000) @Nullable Integer maxPodsPerNode) {}

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
      @Size(max = 64) @Nullable List<String> subnetIds,
      @Nullable Map<String, String> subnetTags,
      @Size(max = 16) @Nullable List<String> securityGroupIds,
      @Min(0) @Max(15) @Nullable Integer firstDeviceIndex) {
    /** How addresses are taken from an ENI. */
    public enum Allocation {
      SECONDARY_IP,
      PREFIX
    }
  }
}
