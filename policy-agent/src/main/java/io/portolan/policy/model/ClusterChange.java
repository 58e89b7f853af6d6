package io.portolan.policy.model;

import io.portolan.common.net.IpAddress;
import java.util.List;
import java.util.Map;

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

  /** The scheduler gave a pod to this node; its sandbox is made soon. */
  record PodBound(PodName name) implements ClusterChange {}

  /** A pod that was bound to this node is finished or gone. */
  record PodUnbound(PodName name) implements ClusterChange {}

  /** An interface of a pod is wired on this node, or its admission changed. */
  record PodWired(LocalPod pod) implements ClusterChange {}

  /** A pod's link is gone from this node. */
  record PodUnwired(EndpointId id) implements ClusterChange {}
}
