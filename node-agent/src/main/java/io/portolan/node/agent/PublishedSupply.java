package io.portolan.node.agent;

import io.portolan.common.api.v1alpha1.NodeNetworkSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import org.jspecify.annotations.Nullable;

/**
 * What the controller published for the node.
 *
 * @param supply the supply as it stands in the API
 * @param pods what the node's profile says of pods; null if nothing
 */
record PublishedSupply(NodeNetworkStatus.Supply supply, NodeNetworkSpec.@Nullable Pods pods) {
  static final PublishedSupply NONE =
      new PublishedSupply(new NodeNetworkStatus.Supply(0, null, null, null, null, null), null);
}
