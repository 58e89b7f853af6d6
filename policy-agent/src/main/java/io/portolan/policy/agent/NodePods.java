package io.portolan.policy.agent;

import io.portolan.common.kube.PodRecord;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.PodName;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the pods of this node where another program wires them: by the API, and by the route to
 * their address. A pod counts as wired as soon as its status shows an address, so between the
 * foreign CNI's answer and that moment it is not policed yet.
 *
 * <p>Used by one thread, that of the pod watch.
 */
public final class NodePods implements PodListener {
  private static final Logger LOG = LoggerFactory.getLogger(NodePods.class);

  private final String node;
  private final InterfaceLookup interfaces;
  private final ClusterSink sink;
  private final Map<PodName, LocalPod> wired = new HashMap<>();

  /** Which interface leads to an address of this node. */
  public interface InterfaceLookup {
    Optional<String> towards(IpAddress address);
  }

  public NodePods(String node, InterfaceLookup interfaces, ClusterSink sink) {
    this.node = node;
    this.interfaces = interfaces;
    this.sink = sink;
  }

  @Override
  public void seen(PodRecord pod) {
    PodName name = new PodName(pod.namespace(), pod.name());
    boolean here =
        pod.node().equals(node) && !pod.hostNetwork() && !pod.finished() && !pod.ips().isEmpty();
    LocalPod known = wired.get(name);
    if (known != null && (!here || !known.uid().equals(pod.uid()))) {
      gone(name);
    }
    if (here) {
      interfaces
          .towards(pod.ips().getFirst())
          .ifPresentOrElse(
              link -> wire(new LocalPod(name, pod.uid(), link, pod.ips())),
              () -> LOG.warn("no route to pod {}; it is not policed until there is one", name));
    }
  }

  private void wire(LocalPod pod) {
    LocalPod known = wired.put(pod.name(), pod);
    if (!pod.equals(known)) {
      sink.changed(new ClusterChange.PodWired(pod));
    }
    // The route leads by another link now: one interface, not two.
    if (known != null && !known.id().equals(pod.id())) {
      sink.changed(new ClusterChange.PodUnwired(known.id()));
    }
  }

  @Override
  public void gone(PodName name) {
    LocalPod known = wired.remove(name);
    if (known != null) {
      sink.changed(new ClusterChange.PodUnwired(known.id()));
    }
  }
}
