package io.portolan.common.pool;

import io.portolan.common.cloud.CloudCapabilities;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.cloud.ObservedMachine;
import io.portolan.common.cloud.ObservedSubnet;
import io.portolan.common.cloud.SubnetId;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything a plan for one node's pool depends on, apart from the time.
 *
 * @param observedAt when the reading of the cloud began
 * @param machine the node's machine; empty if the cloud does not know it
 * @param unattached interfaces created for this node that hang on nothing
 * @param subnets all subnets seen
 */
public record NodePoolState(
    NodeName node,
    Lifecycle lifecycle,
    Instant observedAt,
    Optional<ObservedMachine> machine,
    List<ObservedInterface> unattached,
    SortedMap<SubnetId, ObservedSubnet> subnets,
    CloudCapabilities capabilities,
    PoolTargets targets,
    NodeDemand demand,
    Handshake handshake,
    SubnetTroubles troubles,
    PoolMemory memory) {

  /** What Kubernetes says of the node. */
  public enum Lifecycle {
    ACTIVE,
    /** Unschedulable: pods that are bound are served, nothing is kept in reserve. */
    CORDONED,
    /** Deleted or being deleted: nothing is assigned, attached or released any more. */
    LEAVING
  }

  public NodePoolState {
    unattached = List.copyOf(unattached);
    subnets = Collections.unmodifiableSortedMap(new TreeMap<>(subnets));
  }

  public NodePoolState withMemory(PoolMemory newMemory) {
    return new NodePoolState(
        node,
        lifecycle,
        observedAt,
        machine,
        unattached,
        subnets,
        capabilities,
        targets,
        demand,
        handshake,
        troubles,
        newMemory);
  }
}
