package io.portolan.policy.model;

import io.portolan.common.net.IpAddress;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What policy needs to know of a pod anywhere in the cluster.
 *
 * @param serviceAccount the account it runs as, of its own namespace; empty if it has none
 * @param finished Succeeded or Failed: neither subject nor peer, its address is free for others
 * @param addresses of its own: empty for a pod in the host's network, a finished pod (although its
 *     status still shows some) and one that has none yet
 * @param ports named container ports
 * @param started when its node took it on; tells the later of two pods that claim one address
 */
public record ClusterPod(
    PodName name,
    String uid,
    Map<String, String> labels,
    String serviceAccount,
    boolean finished,
    List<IpAddress> addresses,
    List<NamedPort> ports,
    Instant started) {

  /** Who of several claimants of an address was there last; no two pods compare equal. */
  public static final Comparator<ClusterPod> BY_AGE =
      Comparator.comparing(ClusterPod::started).thenComparing(ClusterPod::uid);

  public ClusterPod {
    labels = Map.copyOf(labels);
    addresses = finished ? List.of() : addresses.stream().distinct().toList();
    ports = List.copyOf(ports);
  }

  /** A container port with a name. */
  public record NamedPort(String name, Protocol protocol, int number) {}
}
