package io.portolan.common.controller;

import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.NodeName;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What Kubernetes knows of a node that matters for its addresses.
 *
 * @param instance its machine, from {@code spec.providerID}; empty while the node has none
 * @param maxPods {@code status.allocatable.pods}; {@link Integer#MAX_VALUE} while unknown
 */
public record NodeFacts(
    NodeName name,
    Optional<InstanceId> instance,
    SortedMap<String, String> labels,
    boolean schedulable,
    boolean leaving,
    int maxPods) {
  public NodeFacts {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
  }
}
