package io.portolan.policy.model;

import java.util.Comparator;

/**
 * The key of a workload endpoint: one interface of one pod. A pod with several interfaces has as
 * many endpoints; a pod's next sandbox takes the place of its endpoint of the same interface.
 *
 * @param podUid UID of the pod
 * @param hostInterface name of the host's end of the link
 */
public record EndpointId(String podUid, String hostInterface) implements Comparable<EndpointId> {
  private static final Comparator<EndpointId> ORDER =
      Comparator.comparing(EndpointId::podUid).thenComparing(EndpointId::hostInterface);

  @Override
  public int compareTo(EndpointId other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return podUid + "/" + hostInterface;
  }
}
