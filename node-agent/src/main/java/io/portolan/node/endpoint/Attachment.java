package io.portolan.node.endpoint;

import io.portolan.common.net.IpAddress;
import java.util.List;
import java.util.Optional;

/**
 * One interface of one container: everything the agent must remember about it.
 *
 * @param id the runtime's key
 * @param pod the Kubernetes pod, if the container belongs to one
 * @param netns path of the container's network namespace
 * @param hostInterface name of the host's end
 * @param addresses the addresses it holds, IPv4 first
 */
public record Attachment(
    AttachmentId id,
    Optional<PodIdentity> pod,
    String netns,
    String hostInterface,
    List<IpAddress> addresses) {
  public Attachment {
    if (!AttachmentId.isInterfaceName(hostInterface)) {
      throw new IllegalArgumentException("'" + hostInterface + "' is not an interface name");
    }
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("attachment " + id + " has no address");
    }
    addresses = List.copyOf(addresses);
  }

  /** The pod, or the container where there is none: for messages. */
  public String owner() {
    return pod.map(PodIdentity::toString).orElse(id.containerId());
  }
}
