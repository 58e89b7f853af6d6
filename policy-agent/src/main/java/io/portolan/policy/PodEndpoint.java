package io.portolan.policy;

import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.EndpointId;
import java.util.List;

/**
 * One attachment of a pod to this node: which host-side interface carries its packets and which
 * addresses belong to it. A pod with several interfaces has an endpoint for each.
 *
 * @param namespace Kubernetes namespace of the pod
 * @param name name of the pod
 * @param uid UID of the pod; tells a pod from its successor of the same name or the same address
 * @param hostInterface name of the host's end of the pod's link, 1 to 15 characters
 * @param addresses every address of this interface, at least one, no duplicates
 */
public record PodEndpoint(
    String namespace, String name, String uid, String hostInterface, List<IpAddress> addresses) {

  /** Longest interface name: IFNAMSIZ of linux/if.h less the terminating zero. */
  private static final int MAX_INTERFACE_NAME = 15;

  public PodEndpoint {
    if (namespace.isEmpty() || name.isEmpty() || uid.isEmpty()) {
      throw new IllegalArgumentException(
          "namespace, name and uid of a pod endpoint must not be empty");
    }
    if (hostInterface.isEmpty() || hostInterface.length() > MAX_INTERFACE_NAME) {
      throw new IllegalArgumentException(
          "hostInterface must be an interface name of 1 to 15 characters, not '"
              + hostInterface
              + "'");
    }
    addresses = List.copyOf(addresses);
    if (addresses.isEmpty() || addresses.stream().distinct().count() != addresses.size()) {
      throw new IllegalArgumentException("addresses must hold each address once, not " + addresses);
    }
  }

  /** The key: endpoints of one pod are policed side by side. */
  public EndpointId id() {
    return new EndpointId(uid, hostInterface);
  }
}
