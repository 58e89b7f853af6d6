package io.portolan.common.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * @param supply what the cloud gave; written by the controller only
 * @param use what the node does with it; written by the node agent only
 * @param conditions keyed by type; each type has one writer
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record NodeNetworkStatus(
    @Nullable Supply supply, @Nullable Use use, @Nullable List<Condition> conditions) {

  /**
   * The addresses that the network under the node routes to it.
   *
   * @param revision rises with every change of this supply; epochs of the release handshake are
   *     revisions
   * @param vpcCidrs destinations the network routes natively: traffic to them keeps the pod's
   *     address, traffic to anything else leaves with the node's
   * @param interfaces the node's cloud interfaces that carry pod addresses, by device index
   * @param nodeCidrs blocks that belong to the node as a whole (route tables, alias ranges)
   * @param releasing what the controller wants back; see {@link Release}
   * @param counts the pool in numbers, for people and dashboards
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Supply(
      long revision,
      @Nullable List<String> vpcCidrs,
      @Nullable List<Interface> interfaces,
      @Nullable List<String> nodeCidrs,
      @Nullable List<Release> releasing,
      @Nullable PoolCounts counts) {}

  /**
   * One cloud interface (ENI, NIC).
   *
   * @param id the cloud's identifier, such as {@code eni-0123456789abcdef0}
   * @param mac how the node finds the device
   * @param deviceIndex 0 for the primary interface
   * @param networkCard the network card the interface sits on; 0 on most machines
   * @param subnetId the cloud's identifier of the subnet
   * @param subnetCidrs the subnet's blocks, one per family
   * @param gateway the subnet's IPv4 router (AWS: base + 1)
   * @param gatewayV6 the subnet's IPv6 router
   * @param primaryAddress the interface's own address, never given to a pod unless the profile says
   *     so
   * @param addresses single addresses for pods
   * @param prefixes blocks for pods (AWS: /28, /80)
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Interface(
      @Required String id,
      @Required String mac,
      @Min(0) @Max(255) int deviceIndex,
      @Min(0) @Max(255) int networkCard,
      @Nullable String subnetId,
      @Nullable List<String> subnetCidrs,
      @Nullable String gateway,
      @Nullable String gatewayV6,
      @Nullable String primaryAddress,
      @Nullable List<String> addresses,
      @Nullable List<String> prefixes) {}

  /**
   * One step of the release handshake, as a mark by the controller or as the node's answer.
   *
   * <p>The controller marks a block with the revision of the mark. The node agent answers with the
   * same block and epoch once the block is unused, past its cool-down and withdrawn from its pool;
   * from then on it gives no address of it to a pod while the mark stands. The controller unassigns
   * only a block whose current mark is answered; an answer to an older epoch means nothing. Taking
   * the mark away gives the block back to the node.
   *
   * @param cidr an address (/32, /128) or a prefix of the supply
   * @param epoch the revision at which the controller set this mark
   */
  public record Release(@Required String cidr, @Required @Min(0) long epoch) {}

  /**
   * @param capacity addresses the machine type can hold for pods
   * @param assigned addresses the cloud has assigned for pods
   * @param demand pods bound to the node that need an address, as the controller last saw it
   */
  public record PoolCounts(int capacity, int assigned, int demand) {}

  /**
   * @param agentVersion the version of the node agent
   * @param released answers to {@link Supply#releasing}
   * @param inUse how many addresses pods hold; refreshed with other writes, never by itself per pod
   * @param cooling how many addresses wait out their cool-down
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Use(
      @Nullable String agentVersion, @Nullable List<Release> released, int inUse, int cooling) {}
}
