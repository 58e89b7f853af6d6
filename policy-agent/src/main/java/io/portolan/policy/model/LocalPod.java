package io.portolan.policy.model;

import io.portolan.common.net.IpAddress;
import java.util.List;

/**
 * A pod wired on this node, by one of its interfaces.
 *
 * @param uid the pod's UID, the same for all its interfaces
 * @param hostInterface the host's end of the link
 * @param addresses what wiring gave the interface; known before the pod's status shows them
 */
public record LocalPod(PodName name, String uid, String hostInterface, List<IpAddress> addresses) {
  public LocalPod {
    addresses = List.copyOf(addresses);
  }

  /** The key: what is wired anew under it replaces what was. */
  public EndpointId id() {
    return new EndpointId(uid, hostInterface);
  }
}
