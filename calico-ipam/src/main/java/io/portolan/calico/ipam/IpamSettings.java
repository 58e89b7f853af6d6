package io.portolan.calico.ipam;

import io.portolan.calico.model.IpPool;
import io.portolan.calico.model.IpamConfiguration;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What administrators say of address management, and of the node that takes addresses.
 *
 * @param labels of the node
 */
public record IpamSettings(
    List<IpPool> pools,
    Reservations reservations,
    IpamConfiguration configuration,
    Map<String, String> labels) {
  public IpamSettings {
    pools = List.copyOf(pools);
    labels = Map.copyOf(labels);
  }

  /** The pool that has an address, enabled or not. */
  public Optional<IpPool> pool(IpAddress address) {
    return pools.stream().filter(pool -> pool.cidr().contains(address)).findFirst();
  }

  /** The pool that has a block, enabled or not. */
  public Optional<IpPool> pool(Cidr block) {
    return pools.stream().filter(pool -> pool.cidr().contains(block)).findFirst();
  }
}
