package io.portolan.lab.cluster;

import io.portolan.common.net.IpAddress;
import io.portolan.lab.matrix.Workload;
import io.portolan.linux.netns.NetworkNamespace;
import java.nio.file.Path;
import java.util.List;

/**
 * A running pod.
 *
 * @param containerId as the container runtime named its sandbox
 * @param namespacePath what CNI_NETNS names
 * @param namespace a handle of it, closed with the pod
 * @param addresses as ADD answered
 */
public record LabPod(
    PodSpec spec,
    String uid,
    String containerId,
    Path namespacePath,
    NetworkNamespace namespace,
    List<IpAddress> addresses) {

  /** The pod as the matrix sees it. */
  public Workload workload() {
    return new Workload(
        spec.namespace(), spec.name(), spec.node(), spec.labels(), addresses, spec.ports());
  }
}
