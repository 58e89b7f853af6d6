package io.portolan.common.cloud;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What to read.
 *
 * @param machines the nodes of interest and their machines; a machine the cloud does not know is
 *     left out of the observation
 * @param orphans whether to list interfaces tagged for our cluster that no machine of the scope
 *     holds
 */
public record ObservationScope(SortedMap<NodeName, InstanceId> machines, boolean orphans) {
  public ObservationScope {
    machines = Collections.unmodifiableSortedMap(new TreeMap<>(machines));
  }

  /** Everything of the cluster: all nodes and what no node holds. */
  public static ObservationScope cluster(Map<NodeName, InstanceId> machines) {
    return new ObservationScope(new TreeMap<>(machines), true);
  }

  /** One node. */
  public static ObservationScope node(NodeName node, InstanceId machine) {
    return new ObservationScope(new TreeMap<>(Map.of(node, machine)), false);
  }
}
