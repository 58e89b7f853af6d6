package io.portolan.policy;

import io.portolan.common.net.IpAddress;
import java.util.List;

/**
 * One pod's attachment to this node: which host-side interface carries its packets and which
 * addresses belong to it.
 *
 * @param namespace Kubernetes namespace of the pod
 * @param name name of the pod
 * @param uid UID of the pod; tells a pod from its successor of the same name or the same address
 * @param hostInterface name of the host's end of the pod's link, 1 to 15 characters
 * @param addresses every address of the pod, at least one, no duplicates
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
      throw new IllegalArgumentException(
          "addresses must hold each address of the pod once, not " + addresses);
    }
  }
}
