package io.portolan.policy.cases;

import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.PodName;

/** Who opens the connection of a probe, or whom it goes to. */
public sealed interface ProbeEnd {

  record OfPod(PodName pod) implements ProbeEnd {
    @Override
    public String toString() {
      return pod.toString();
    }
  }

  /** The running pod that holds the address, if one does. */
  record OfAddress(IpAddress address) implements ProbeEnd {
    @Override
    public String toString() {
      return "ip:" + address;
    }
  }
}
