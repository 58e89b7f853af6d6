package io.portolan.calico.routing;

import io.portolan.calico.routing.RoutingObject.Blackhole;
import io.portolan.calico.routing.RoutingSnapshot.Block;
import io.portolan.calico.routing.RoutingSnapshot.Node;
import io.portolan.calico.routing.RoutingSnapshot.NodeAddress;
import io.portolan.calico.routing.RoutingSnapshot.Pool;
import io.portolan.calico.routing.RoutingSnapshot.Uplink;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** From all that decides to all that a node is to hold. Pure. */
public final class RoutingPlanner {
  private RoutingPlanner() {}

  public static RoutingPlan plan(RoutingSnapshot snapshot) {
    List<RoutingObject> objects = new ArrayList<>();
    List<TunnelLink> links = new ArrayList<>();
    List<RoutingProblem> problems = new ArrayList<>();
    PacketRulesDraft rules = new PacketRulesDraft(snapshot);
    OptionalInt mtu = OptionalInt.empty();
    Map<Cidr, String> owners = owners(snapshot, problems);
    owners.forEach((cidr, node) -> {
      if (node.equals(snapshot.self()) && !cidr.isSingleAddress()) {
        objects.add(new Blackhole(cidr));
      }
    });
    Optional<Node> self =
        snapshot.nodes().stream().filter(n -> n.name().equals(snapshot.self())).findFirst();
    for (IpFamily family : IpFamily.values()) {
      List<Pool> pools =
          snapshot.pools().stream().filter(p -> p.cidr().family() == family).toList();
      if (pools.isEmpty()) {
        continue;
      }
      Uplink uplink = snapshot.uplinks().get(family);
      Optional<NodeAddress> own = self.map(n -> n.addresses().get(family));
      if (uplink == null || own.isEmpty()) {
        problems.add(unreachable(snapshot.self(), family, own.isPresent()));
        continue;
      }
      FamilyPlan plan = new FamilyPlan(snapshot, family, pools, own.get(), uplink, owners);
      plan.draft(links, objects, rules, problems);
      mtu = OptionalInt.of(Math.min(mtu.orElse(Integer.MAX_VALUE), plan.podMtu()));
    }
    return new RoutingPlan(
        RoutingState.of(rules.build(links, objects), links, objects), problems, mtu);
  }

  private static RoutingProblem unreachable(String self, IpFamily family, boolean addressed) {
    String what = family == IpFamily.IPV4 ? "IPv4" : "IPv6";
    return new RoutingProblem(
        RoutingProblem.Reason.NO_UPLINK,
        addressed
            ? "no device of this node has its "
                + what
                + " address: pods of "
                + what
                + " pools reach no other node; correct the node's address"
            : "node "
                + self
                + " has no "
                + what
                + " address: pods of "
                + what
                + " pools reach no other node; give the Node one, or remove these pools");
  }

  /** Whose each block is; if several say so, this node, else the first by name. */
  private static Map<Cidr, String> owners(RoutingSnapshot snapshot, List<RoutingProblem> problems) {
    Map<Cidr, String> owners = new TreeMap<>();
    List<Block> ordered =
        snapshot.blocks().stream()
            .sorted(
                Comparator.comparing((Block b) -> !b.node().equals(snapshot.self()))
                    .thenComparing(Block::node))
            .toList();
    for (Block block : ordered) {
      String first = owners.putIfAbsent(block.cidr(), block.node());
      if (first != null && !first.equals(block.node())) {
        problems.add(
            new RoutingProblem(
                RoutingProblem.Reason.BLOCK_OF_SEVERAL_NODES,
                "block "
                    + block.cidr()
                    + " has confirmed affinities of "
                    + first
                    + " and "
                    + block.node()
                    + ": only the first is routed; delete the affinity that the block itself does"
                    + " not name"));
      }
    }
    return owners;
  }
}
