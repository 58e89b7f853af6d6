package io.portolan.calico.node;

import io.portolan.calico.model.AffinityOwner;
import io.portolan.calico.model.BlockAffinity;
import io.portolan.calico.model.IpPool;
import io.portolan.calico.routing.Encapsulation;
import io.portolan.calico.routing.RoutingSnapshot;
import io.portolan.calico.routing.RoutingSnapshot.NodeAddress;
import io.portolan.calico.routing.RoutingSnapshot.Settings;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All that the watches have brought. Used by one thread. */
final class ClusterState {
  final Followed<CalicoNode> nodes = new Followed<>();
  final Followed<IpPool> pools = new Followed<>();
  final Followed<BlockAffinity> affinities = new Followed<>();
  final Followed<BlockView> blocks = new Followed<>();

  /** Whether every kind was read wholly once. */
  boolean isSynced() {
    return nodes.isSynced() && pools.isSynced() && affinities.isSynced() && blocks.isSynced();
  }

  Optional<CalicoNode> node(String name) {
    return nodes.all().stream().filter(n -> n.name().equals(name)).findFirst();
  }

  /** Pools that pods or tunnels take addresses from. */
  List<IpPool> routedPools() {
    return pools.all().stream()
        .filter(p ->
            p.uses().isEmpty()
                || p.uses().contains(IpPool.Use.WORKLOAD)
                || p.uses().contains(IpPool.Use.TUNNEL))
        .sorted(Comparator.comparing(IpPool::name))
        .toList();
  }

  /**
   * What the node's routes are planned from; empty before everything is known.
   *
   * @param devices where this node's addresses are
   */
  Optional<RoutingSnapshot> routing(
      String self, Map<IpAddress, LocalAddress> devices, Settings settings) {
    if (!isSynced()) {
      return Optional.empty();
    }
    List<RoutingSnapshot.Node> all = new ArrayList<>();
    Map<IpFamily, RoutingSnapshot.Uplink> uplinks = new EnumMap<>(IpFamily.class);
    for (CalicoNode node : nodes.all()) {
      Map<IpFamily, NodeAddress> addresses = new EnumMap<>(node.addresses());
      if (node.name().equals(self)) {
        node.addresses()
            .forEach((family, address) ->
                Optional.ofNullable(devices.get(address.address()))
                    .ifPresent(local -> {
                      uplinks.put(family, new RoutingSnapshot.Uplink(local.device(), local.mtu()));
                      addresses.put(family, inSubnetOf(local, node, family, address));
                    }));
      }
      all.add(new RoutingSnapshot.Node(node.name(), addresses));
    }
    all.sort(Comparator.comparing(RoutingSnapshot.Node::name));
    List<RoutingSnapshot.Block> confirmed = new ArrayList<>();
    for (BlockAffinity affinity : affinities.all()) {
      if (affinity.state() == BlockAffinity.State.CONFIRMED
          && affinity.owner().type() == AffinityOwner.Type.HOST) {
        confirmed.add(new RoutingSnapshot.Block(affinity.cidr(), affinity.owner().host()));
      }
    }
    List<RoutingSnapshot.Borrowed> borrowed = new ArrayList<>();
    for (BlockView block : blocks.all()) {
      block
          .borrowed()
          .forEach((address, node) -> borrowed.add(new RoutingSnapshot.Borrowed(address, node)));
    }
    return Optional.of(
        new RoutingSnapshot(
            self,
            all,
            routedPools().stream().map(ClusterState::pool).toList(),
            confirmed,
            borrowed,
            uplinks,
            List.of(),
            settings));
  }

  /** The kernel knows the subnet where no annotation says it. */
  private static NodeAddress inSubnetOf(
      LocalAddress local, CalicoNode node, IpFamily family, NodeAddress address) {
    return node.annotated().getOrDefault(family, false)
        ? address
        : new NodeAddress(
            address.address(),
            local.prefixLength(),
            address.vxlanAddress(),
            address.vxlanMac(),
            address.ipipAddress());
  }

  private static RoutingSnapshot.Pool pool(IpPool pool) {
    return new RoutingSnapshot.Pool(
        pool.name(), pool.cidr(), mode(pool.vxlan()), mode(pool.ipip()), pool.natOutgoing());
  }

  private static Encapsulation mode(IpPool.Mode mode) {
    return switch (mode) {
      case NEVER -> Encapsulation.NEVER;
      case ALWAYS -> Encapsulation.ALWAYS;
      case CROSS_SUBNET -> Encapsulation.CROSS_SUBNET;
    };
  }
}
