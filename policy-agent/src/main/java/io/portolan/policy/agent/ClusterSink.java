package io.portolan.policy.agent;

import io.portolan.policy.model.ClusterChange;

/** Takes in what is learned about the cluster; from any thread. */
public interface ClusterSink {
  void changed(ClusterChange change);

  /** Everything that exists has been handed over by now. */
  void synced();
}
