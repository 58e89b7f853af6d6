package io.portolan.common.controller;

import io.portolan.common.cloud.NodeName;

/** What is reconciled. */
public sealed interface ControllerKey {
  /** One node's pool. */
  record OfNode(NodeName node) implements ControllerKey {
    @Override
    public String toString() {
      return "node-" + node;
    }
  }

  /** The reading of the whole cloud, and what belongs to no node. */
  record OfCluster() implements ControllerKey {
    @Override
    public String toString() {
      return "cluster";
    }
  }
}
