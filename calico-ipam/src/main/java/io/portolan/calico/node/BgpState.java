package io.portolan.calico.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.portolan.calico.bgp.BgpConfiguration;
import io.portolan.calico.bgp.BgpFilter;
import io.portolan.calico.bgp.BgpObjects;
import io.portolan.calico.bgp.BgpPeer;
import io.portolan.calico.bgp.BgpProblem;
import io.portolan.calico.bgp.BgpRead;
import io.portolan.calico.bgp.BgpSnapshot;
import io.portolan.calico.model.IpPool;
import io.portolan.calico.routing.RoutingSnapshot;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the watches have brought of BGP and of Services. Used by one thread. */
final class BgpState {
  final Followed<JsonNode> configurations = new Followed<>();
  final Followed<BgpRead<BgpPeer>> peers = new Followed<>();
  final Followed<BgpRead<BgpFilter>> filters = new Followed<>();
  final Followed<ServiceView> services = new Followed<>();
  final Followed<ServiceView.Ready> endpoints = new Followed<>();

  /** The last configuration that could be read: what is wrong does not change what is in force. */
  private BgpConfiguration configuration = BgpConfiguration.DEFAULT;

  boolean isSynced() {
    return configurations.isSynced()
        && peers.isSynced()
        && filters.isSynced()
        && services.isSynced()
        && endpoints.isSynced();
  }

  /**
   * What is to be rendered, without passwords.
   *
   * @param problems gets what was rejected
   */
  BgpSnapshot snapshot(ClusterState cluster, RoutingSnapshot routing, List<BgpProblem> problems) {
    String self = routing.self();
    JsonNode byDefault = named("default");
    switch (BgpObjects.configuration(byDefault, named("node." + self))) {
      case BgpRead.Usable<BgpConfiguration>(BgpConfiguration value) -> configuration = value;
      case BgpRead.Rejected<BgpConfiguration>(BgpProblem problem) -> problems.add(problem);
    }
    List<BgpSnapshot.Node> nodes = new ArrayList<>();
    for (CalicoNode node : cluster.nodes.all()) {
      Map<IpFamily, IpAddress> addresses = new EnumMap<>(IpFamily.class);
      node.addresses().forEach((family, address) -> addresses.put(family, address.address()));
      nodes.add(
          new BgpSnapshot.Node(
              node.name(), node.labels(), addresses, node.asNumber(), node.clusterId()));
    }
    nodes.sort(Comparator.comparing(BgpSnapshot.Node::name));
    return new BgpSnapshot(
        self,
        nodes,
        configuration,
        usable(peers, problems, Comparator.comparing(BgpPeer::name)),
        usable(filters, problems, Comparator.comparing(BgpFilter::name)),
        cluster.routedPools().stream().map(BgpState::pool).toList(),
        blocks(routing, cluster),
        routing.borrowed().stream()
            .filter(b -> b.node().equals(self))
            .map(RoutingSnapshot.Borrowed::address)
            .toList(),
        announced(self),
        Map.of());
  }

  /** An object that is missing is read as one that says nothing. */
  private JsonNode named(String name) {
    return configurations.all().stream()
        .filter(c -> c.path("metadata").path("name").asText().equals(name))
        .findFirst()
        .orElse(MissingNode.getInstance());
  }

  private static <T> List<T> usable(
      Followed<BgpRead<T>> followed, List<BgpProblem> problems, Comparator<T> order) {
    List<T> all = new ArrayList<>();
    for (BgpRead<T> read : followed.all()) {
      switch (read) {
        case BgpRead.Usable<T>(T value) -> all.add(value);
        case BgpRead.Rejected<T>(BgpProblem problem) -> problems.add(problem);
      }
    }
    all.sort(order);
    return all;
  }

  private static BgpSnapshot.Pool pool(IpPool pool) {
    return new BgpSnapshot.Pool(
        pool.cidr(),
        !pool.disabled() && !pool.disableBgpExport(),
        pool.vxlan() != IpPool.Mode.NEVER || pool.ipip() != IpPool.Mode.NEVER);
  }

  /**
   * Own blocks; tunnels of pools that have some need no announcement of them within the cluster.
   */
  private static List<Cidr> blocks(RoutingSnapshot routing, ClusterState cluster) {
    return routing.blocks().stream()
        .filter(b -> b.node().equals(routing.self()))
        .map(RoutingSnapshot.Block::cidr)
        .filter(c -> cluster.routedPools().stream().anyMatch(p -> p.cidr().contains(c)))
        .sorted()
        .toList();
  }

  private List<BgpSnapshot.Service> announced(String self) {
    Map<String, Set<String>> ready = new HashMap<>();
    for (ServiceView.Ready slice : endpoints.all()) {
      ready.computeIfAbsent(slice.service(), _ -> new HashSet<>()).addAll(slice.nodes());
    }
    return services.all().stream()
        .filter(ServiceView::isAddressed)
        .sorted(Comparator.comparing(ServiceView::key))
        .map(s -> {
          Set<String> nodes = Optional.ofNullable(ready.get(s.key())).orElse(Set.of());
          return new BgpSnapshot.Service(
              s.key(),
              s.clusterIps(),
              s.externalIps(),
              s.loadBalancerIps(),
              s.balanced(),
              s.local(),
              nodes.contains(self),
              !nodes.isEmpty());
        })
        .toList();
  }
}
