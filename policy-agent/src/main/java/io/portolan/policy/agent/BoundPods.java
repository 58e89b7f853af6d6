package io.portolan.policy.agent;

import io.portolan.common.kube.PodRecord;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.PodName;
import java.util.HashSet;
import java.util.Set;

/**
 * Tells the compiler of pods as soon as the scheduler has given them to this node: their chains are
 * in the kernel by the time their sandbox is made.
 *
 * <p>Used by one thread, that of the pod watch.
 */
public final class BoundPods implements PodListener {
  private final String node;
  private final ClusterSink sink;
  private final Set<PodName> bound = new HashSet<>();

  public BoundPods(String node, ClusterSink sink) {
    this.node = node;
    this.sink = sink;
  }

  @Override
  public void seen(PodRecord pod) {
    PodName name = new PodName(pod.namespace(), pod.name());
    if (!pod.node().equals(node) || !pod.needsAddress()) {
      gone(name);
    } else if (bound.add(name)) {
      sink.changed(new ClusterChange.PodBound(name));
    }
  }

  @Override
  public void gone(PodName name) {
    if (bound.remove(name)) {
      sink.changed(new ClusterChange.PodUnbound(name));
    }
  }
}
