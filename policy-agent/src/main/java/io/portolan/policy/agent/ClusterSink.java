package io.portolan.policy.agent;

import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.LocalPod;

/** Takes in what is learned about the cluster; from any thread. */
public interface ClusterSink {
  void changed(ClusterChange change);

  /**
   * Somebody who is no pod yet was wired on this node: isolated as soon as can be, even before
   * everything is known. Undone as the wiring of a pod is.
   */
  default void isolated(LocalPod pod) {
    changed(new ClusterChange.PodWired(pod));
  }

  /** Everything that exists has been handed over by now. */
  void synced();
}
