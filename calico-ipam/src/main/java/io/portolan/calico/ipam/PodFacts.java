package io.portolan.calico.ipam;

import io.portolan.common.net.IpAddress;
import java.util.List;

/**
 * What the API server says of a pod, as far as its addresses matter.
 *
 * @param node it is bound to; empty if to none yet
 * @param addresses it reports; none before its network is there
 * @param evicted whether it was thrown off its node for ever
 */
public record PodFacts(String node, List<IpAddress> addresses, boolean evicted) {
  public PodFacts {
    addresses = List.copyOf(addresses);
  }
}
