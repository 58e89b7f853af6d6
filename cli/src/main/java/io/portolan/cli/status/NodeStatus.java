package io.portolan.cli.status;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One node.
 *
 * @param mode where its pods' addresses come from, as the NodeNetwork's provider has it; {@code
 *     external}: from another plugin, with policy by Portolan; "none" without an agent
 * @param type machine type, where the cloud has types
 * @param pool its addresses; null where they are not Portolan's
 * @param agent version of the agent that runs there; empty if none does
 * @param problems what is not as it should be, each as one line
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NodeStatus(
    String node,
    String mode,
    String type,
    String zone,
    @Nullable Pool pool,
    String agent,
    List<String> problems) {
  public NodeStatus {
    problems = List.copyOf(problems);
  }

  /**
   * Addresses.
   *
   * @param capacity that the machine can hold for pods
   * @param assigned that the cloud has assigned
   * @param demand pods bound to the node that need one
   * @param inUse that pods hold
   * @param cooling that rest after a pod
   */
  public record Pool(int capacity, int assigned, int demand, int inUse, int cooling) {}
}
