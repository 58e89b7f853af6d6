package io.portolan.node.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.node.endpoint.AttachmentId;
import io.portolan.node.endpoint.PodIdentity;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** A valid request of a container runtime. VERSION is answered by the server itself. */
public sealed interface CniRequest {
  /** The version the answer must be written in. */
  CniVersion version();

  /**
   * @param id the attachment to make
   * @param netns path of the container's network namespace
   * @param pod the Kubernetes pod, if the runtime names one
   * @param mtu MTU the configuration asks for, in bytes
   * @param dns the configuration's {@code dns}, passed on in the result
   * @param prevResult result of the plugins before this one in the chain, passed on in the result
   */
  record Add(
      CniVersion version,
      AttachmentId id,
      String netns,
      Optional<PodIdentity> pod,
      OptionalInt mtu,
      Optional<JsonNode> dns,
      Optional<ObjectNode> prevResult)
      implements CniRequest {}

  /**
   * @param id the attachment to take away
   * @param netns path of the network namespace; absent or gone when the sandbox is dead
   */
  record Del(CniVersion version, AttachmentId id, Optional<String> netns) implements CniRequest {}

  /**
   * @param id the attachment to examine
   * @param netns path of the network namespace
   * @param expected what the runtime believes it has
   */
  record Check(CniVersion version, AttachmentId id, String netns, CniResult expected)
      implements CniRequest {}

  /**
   * @param network the network whose stale attachments may go
   * @param valid the attachments of the network that must stay
   */
  record Gc(CniVersion version, String network, Set<ContainerInterface> valid)
      implements CniRequest {
    public Gc {
      valid = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(valid));
    }
  }

  /**
   * An attachment as GC names it.
   *
   * @param containerId as it was given to ADD
   * @param ifName as it was given to ADD
   */
  record ContainerInterface(String containerId, String ifName)
      implements Comparable<ContainerInterface> {
    @Override
    public int compareTo(ContainerInterface other) {
      int byContainer = containerId.compareTo(other.containerId);
      return byContainer != 0 ? byContainer : ifName.compareTo(other.ifName);
    }
  }

  /** Whether ADD would be served. */
  record Status(CniVersion version, String network) implements CniRequest {}

  /** The commands of the specification that a runtime may give. */
  List<String> COMMANDS = List.of("ADD", "DEL", "CHECK", "GC", "STATUS", "VERSION");
}
