package io.portolan.calico.ipam;

import io.portolan.common.kube.KubeFault;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;

/** What came of an {@link AssignRequest}. */
public sealed interface AssignOutcome {
  /**
   * @param sequence names the allocation, for its release
   */
  record Assigned(IpAddress address, Cidr block, long sequence) implements AssignOutcome {}

  /**
   * There is no address for it, and there will be none until something changes.
   *
   * @param reason in a sentence, with the way out
   */
  record Refused(String reason) implements AssignOutcome {}

  /** The store did not do its part; an address may have been assigned. To be repeated. */
  record Unavailable(KubeFault fault) implements AssignOutcome {}
}
