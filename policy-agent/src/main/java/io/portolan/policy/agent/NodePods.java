package io.portolan.policy.agent;

import io.portolan.common.kube.PodRecord;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.PodName;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the pods of this node where another program wires them: by the API, and by the route to
 * their address. A pod counts as wired as soon as its status shows an address, so between the
 * foreign CNI's answer and that moment it is not policed yet.
 *
 * <p>A pod to which no link of its own leads is looked for again whenever a pod of this node
 * changes, and is told of until it is found or gone.
 *
 * <p>Used by one thread, that of the pod watch; only {@link #problem} by any.
 */
public final class NodePods implements PodListener {
  private static final Logger LOG = LoggerFactory.getLogger(NodePods.class);

  private final String node;
  private final InterfaceLookup interfaces;
  private final ClusterSink sink;
  private final Map<PodName, LocalPod> wired = new HashMap<>();

  /** Written by the one thread, read by those who ask for problems. */
  private final ConcurrentNavigableMap<PodName, PodRecord> notFound =
      new ConcurrentSkipListMap<>(Comparator.comparing(PodName::toString));

  /** Which interface leads to a pod of this node, and to nothing but pods. */
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
    boolean ofNode = pod.node().equals(node);
    boolean here = ofNode && !pod.hostNetwork() && !pod.finished() && !pod.ips().isEmpty();
    LocalPod known = wired.get(name);
    if (!here || (known != null && !known.uid().equals(pod.uid()))) {
      gone(name);
    }
    if (here) {
      look(name, pod);
    }
    if (ofNode) {
      lookAgain(name);
    }
  }

  private void lookAgain(PodName changed) {
    notFound.forEach((name, pod) -> {
      if (!name.equals(changed)) {
        look(name, pod);
      }
    });
  }

  private void look(PodName name, PodRecord pod) {
    Optional<String> link = interfaces.towards(pod.ips().getFirst());
    if (link.isPresent()) {
      notFound.remove(name);
      wire(new LocalPod(name, pod.uid(), link.get(), pod.ips()));
    } else if (!wired.containsKey(name) && notFound.put(name, pod) == null) {
      // One that had a link keeps its rules: its plugin has removed the route as it ends.
      LOG.warn("{}", problem(name, pod));
    }
  }

  /** Which pods are not policed for want of a link, for people; empty if all are. */
  public Optional<String> problem() {
    return notFound.isEmpty()
        ? Optional.empty()
        : Optional.of(
            notFound.entrySet().stream()
                .map(entry -> problem(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining("; ")));
  }

  private static String problem(PodName name, PodRecord pod) {
    return "no link of its own leads to pod %s (%s): it is not policed"
        .formatted(name, pod.ips().getFirst());
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
    notFound.remove(name);
    LocalPod known = wired.remove(name);
    if (known != null) {
      sink.changed(new ClusterChange.PodUnwired(known.id()));
    }
  }
}
