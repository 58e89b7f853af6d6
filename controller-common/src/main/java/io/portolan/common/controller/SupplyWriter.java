package io.portolan.common.controller;

import io.portolan.common.api.v1alpha1.NodeNetworkSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.pool.PoolCondition;
import java.util.List;

/** Publishes to the node's NodeNetwork what the controller owns of it, creating it if need be. */
public interface SupplyWriter {

  /**
   * Writes spec, supply and the controller's conditions. Returns after the API server has stored
   * them, or with the reason why not; a condition keeps its transition time while its status stays.
   */
  Written write(
      NodeName node,
      NodeNetworkSpec spec,
      NodeNetworkStatus.Supply supply,
      List<PoolCondition> conditions);

  /** The answer to {@link #write}. */
  sealed interface Written {
    /** Stored. */
    record Stored() implements Written {}

    /**
     * Perhaps not stored. The same write may be repeated: it replaces the whole supply.
     *
     * @param why in one line
     */
    record Failed(String why) implements Written {}
  }
}
