package io.portolan.common.controller;

import io.portolan.common.api.v1alpha1.NetworkProfileSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.pool.NodeDemand;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The cluster as watches last showed it. Every method answers at once from memory; nothing here is
 * asked before the first full listing of every kind has arrived.
 */
public interface ClusterView {

  /** All nodes, those being deleted included. */
  SortedMap<NodeName, NodeFacts> nodes();

  /** What the node's pods need. */
  NodeDemand demand(NodeName node);

  /** The status of the node's NodeNetwork; empty if there is none yet. */
  Optional<NodeNetworkStatus> status(NodeName node);

  /** The specification of the node's NodeNetwork; empty if there is none. */
  Optional<NodeNetworkSpec> spec(NodeName node);

  /** All profiles, by name. */
  SortedMap<String, NetworkProfileSpec> profiles();
}
