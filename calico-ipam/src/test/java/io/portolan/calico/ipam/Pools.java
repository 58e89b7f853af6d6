package io.portolan.calico.ipam;

import io.portolan.calico.model.IpPool;
import io.portolan.common.net.Cidr;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Pools that select everything, and what else tests want of them. */
final class Pools {
  private Pools() {}

  static IpPool pool(String name, String cidr, int blockSize) {
    return pool(
        name, cidr, blockSize, "all()", "", EnumSet.of(IpPool.Use.WORKLOAD, IpPool.Use.TUNNEL));
  }

  static IpPool pool(
      String name,
      String cidr,
      int blockSize,
      String nodeSelector,
      String namespaceSelector,
      Set<IpPool.Use> uses) {
    return new IpPool(
        name,
        Cidr.parse(cidr),
        blockSize,
        IpPool.Mode.NEVER,
        IpPool.Mode.NEVER,
        false,
        false,
        false,
        nodeSelector,
        namespaceSelector,
        uses,
        true,
        Instant.EPOCH,
        false,
        Optional.empty());
  }

  static IpPool disabled(IpPool pool) {
    return new IpPool(
        pool.name(),
        pool.cidr(),
        pool.blockSize(),
        pool.vxlan(),
        pool.ipip(),
        pool.natOutgoing(),
        true,
        pool.disableBgpExport(),
        pool.nodeSelector(),
        pool.namespaceSelector(),
        pool.uses(),
        pool.automatic(),
        pool.created(),
        pool.terminating(),
        pool.allocatable());
  }
}
