package io.portolan.policy.model;

import io.portolan.common.net.IpAddress;
import java.util.List;

/**
 * A pod wired on this node.
 *
 * @param hostInterface the host's end of its link
 * @param addresses what wiring gave it; known before the pod's status shows them
 * @param admitted its own policy may replace isolation
 */
public record LocalPod(
    PodName name, String uid, String hostInterface, List<IpAddress> addresses, boolean admitted) {
  public LocalPod {
    addresses = List.copyOf(addresses);
  }
}
