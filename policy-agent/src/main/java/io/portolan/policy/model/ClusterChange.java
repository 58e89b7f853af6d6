package io.portolan.policy.model;

import io.portolan.common.net.IpAddress;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Something the agent learned about the cluster or its node. Repeating one changes nothing. */
public sealed interface ClusterChange {

  /** A namespace exists with these labels. */
  record NamespaceSeen(String name, Map<String, String> labels) implements ClusterChange {
    public NamespaceSeen {
      labels = Map.copyOf(labels);
    }
  }

  /** A namespace is gone. */
  record NamespaceGone(String name) implements ClusterChange {}

  /** A service account exists with these labels. */
  record ServiceAccountSeen(String namespace, String name, Map<String, String> labels)
      implements ClusterChange {
    public ServiceAccountSeen {
      labels = Map.copyOf(labels);
    }
  }

  /** A service account is gone; pods may still run as it, without its labels. */
  record ServiceAccountGone(String namespace, String name) implements ClusterChange {}

  /** A pod exists, here or elsewhere. */
  record PodSeen(ClusterPod pod) implements ClusterChange {}

  /** A pod is gone from the API. */
  record PodGone(PodName name) implements ClusterChange {}

  /** A network set exists with this content. */
  record NetworkSetSeen(NetworkSet set) implements ClusterChange {}

  /**
   * A network set is gone.
   *
   * @param namespace empty for a GlobalNetworkSet
   */
  record NetworkSetGone(String namespace, String name) implements ClusterChange {}

  /** Endpoints of a service exist with this content. */
  record EndpointSliceSeen(EndpointSlice slice) implements ClusterChange {}

  /** Endpoints of a service are gone. */
  record EndpointSliceGone(String namespace, String name) implements ClusterChange {}

  /** A host endpoint exists with this content, on whatever node. */
  record HostEndpointSeen(HostEndpoint endpoint) implements ClusterChange {}

  /** A host endpoint is gone. */
  record HostEndpointGone(String name) implements ClusterChange {}

  /**
   * Ports that host endpoints leave open, as one configuration object says.
   *
   * @param name {@code default}, or {@code node.NAME} of what holds for one node before that
   * @param inbound empty if it says nothing of them
   * @param outbound likewise
   */
  record FailsafesSeen(
      String name, Optional<List<Failsafe>> inbound, Optional<List<Failsafe>> outbound)
      implements ClusterChange {
    public FailsafesSeen {
      inbound = inbound.map(List::copyOf);
      outbound = outbound.map(List::copyOf);
    }
  }

  /** A policy exists with this content. */
  record PolicySeen(Policy policy) implements ClusterChange {}

  /** A policy is gone. */
  record PolicyGone(PolicyId id) implements ClusterChange {}

  /** A tier exists, in addition to those that always do. */
  record TierSeen(Tier tier) implements ClusterChange {}

  /** A tier is gone; its policies enforce nothing. */
  record TierGone(String name) implements ClusterChange {}

  /** A node exists with these labels and addresses, of whatever type. */
  record NodeSeen(String name, Map<String, String> labels, List<IpAddress> addresses)
      implements ClusterChange {
    public NodeSeen {
      labels = Map.copyOf(labels);
      addresses = addresses.stream().distinct().sorted().toList();
    }
  }

  /** A node is gone. */
  record NodeGone(String name) implements ClusterChange {}

  /**
   * A domain name stands for these addresses, by the answers that are still valid; none when the
   * last one has expired.
   */
  record DnsSeen(String name, List<IpAddress> addresses) implements ClusterChange {
    public DnsSeen {
      name = DomainPattern.canonical(name);
      addresses = addresses.stream().distinct().sorted().toList();
    }
  }

  /**
   * Which node this is, with the addresses of each of its interfaces but its pods'. Whoever never
   * says so enforces nothing at host endpoints.
   */
  record ThisNode(String name, Map<String, List<IpAddress>> interfaces) implements ClusterChange {
    public ThisNode {
      Map<String, List<IpAddress>> sorted = new TreeMap<>();
      interfaces.forEach(
          (link, addresses) -> sorted.put(link, addresses.stream().distinct().sorted().toList()));
      interfaces = Collections.unmodifiableMap(sorted);
    }
  }

  /** The scheduler gave a pod to this node; its sandbox is made soon. */
  record PodBound(PodName name) implements ClusterChange {}

  /** A pod that was bound to this node is finished or gone. */
  record PodUnbound(PodName name) implements ClusterChange {}

  /** An interface of a pod is wired on this node, or its admission changed. */
  record PodWired(LocalPod pod) implements ClusterChange {}

  /** A pod's link is gone from this node. */
  record PodUnwired(EndpointId id) implements ClusterChange {}
}
