package io.portolan.calico.routing;

import io.portolan.calico.routing.RoutingObject.ClusterRoute;
import io.portolan.calico.routing.RoutingObject.Setting;
import io.portolan.calico.routing.RoutingObject.TunnelAddress;
import io.portolan.calico.routing.RoutingObject.TunnelEntry;
import io.portolan.calico.routing.RoutingObject.TunnelNeighbor;
import io.portolan.calico.routing.RoutingProblem.Reason;
import io.portolan.calico.routing.RoutingSnapshot.Borrowed;
import io.portolan.calico.routing.RoutingSnapshot.Node;
import io.portolan.calico.routing.RoutingSnapshot.NodeAddress;
import io.portolan.calico.routing.RoutingSnapshot.Pool;
import io.portolan.calico.routing.RoutingSnapshot.Uplink;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.common.net.MacAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The plan for the pools of one family on a node that has an address and an uplink in it. */
final class FamilyPlan {
  /** Outer Ethernet is the uplink's; inner Ethernet 14, VXLAN 8, UDP 8, IPv4 20 or IPv6 40. */
  private static final int VXLAN_OVERHEAD_IPV4 = 50;

  private static final int VXLAN_OVERHEAD_IPV6 = 70;
  private static final int IPIP_OVERHEAD = 20;

  private final RoutingSnapshot snapshot;
  private final IpFamily family;
  private final List<Pool> pools;
  private final NodeAddress own;
  private final Uplink uplink;
  private final Map<Cidr, String> owners;
  private final Map<String, List<Cidr>> blocks = new HashMap<>();
  private final Map<String, NodeAddress> peers = new TreeMap<>();

  /** Nodes whose tunnel address is another's too. */
  private final Set<String> ambiguous = new HashSet<>();

  FamilyPlan(
      RoutingSnapshot snapshot,
      IpFamily family,
      List<Pool> pools,
      NodeAddress own,
      Uplink uplink,
      Map<Cidr, String> owners) {
    this.snapshot = snapshot;
    this.family = family;
    this.pools = pools;
    this.own = own;
    this.uplink = uplink;
    this.owners = owners;
    owners.forEach((cidr, node) -> blocks.computeIfAbsent(node, _ -> new ArrayList<>()).add(cidr));
  }

  private boolean usesVxlan() {
    return pools.stream().anyMatch(p -> p.vxlan() != Encapsulation.NEVER);
  }

  private boolean usesIpip() {
    return pools.stream().anyMatch(p -> p.ipip() != Encapsulation.NEVER);
  }

  private String vxlanName() {
    return family == IpFamily.IPV4 ? TunnelLink.VXLAN_IPV4 : TunnelLink.VXLAN_IPV6;
  }

  private int vxlanMtu() {
    return uplink.mtu() - (family == IpFamily.IPV4 ? VXLAN_OVERHEAD_IPV4 : VXLAN_OVERHEAD_IPV6);
  }

  int podMtu() {
    return usesVxlan() ? vxlanMtu() : usesIpip() ? uplink.mtu() - IPIP_OVERHEAD : uplink.mtu();
  }

  void draft(
      List<TunnelLink> links,
      List<RoutingObject> objects,
      PacketRulesDraft rules,
      List<RoutingProblem> problems) {
    findPeers(problems);
    forwarding(objects);
    boolean vxlan = usesVxlan() && vxlan(links, objects, problems);
    if (usesVxlan()) {
      rules.vxlan(family);
    }
    boolean ipip = usesIpip() && ipip(links, objects, problems);
    if (usesIpip()) {
      rules.ipip();
    }
    Map<String, RoutingProblem> tunnelless = new TreeMap<>();
    Map<Cidr, String> destinations = new TreeMap<>(owners);
    for (Borrowed borrowed : snapshot.borrowed()) {
      destinations.put(borrowed.address().toCidr(), borrowed.node());
    }
    destinations.forEach((cidr, node) -> {
      NodeAddress peer = peers.get(node);
      if (cidr.family() != family || peer == null) {
        return;
      }
      Optional<Pool> pool = pools.stream().filter(p -> p.cidr().contains(cidr)).findFirst();
      if (pool.isEmpty()) {
        problems.add(
            new RoutingProblem(
                Reason.BLOCK_OUTSIDE_POOLS,
                cidr
                    + " of node "
                    + node
                    + " is in no IPPool and not routed: its pods are not reachable; create the pool"
                    + " again, or move them"));
        return;
      }
      boolean near = own.sharesSubnetWith(peer);
      if (pool.get().vxlan().applies(near)) {
        if (vxlan && peer.vxlanAddress().isPresent()) {
          throughVxlan(cidr, peer.vxlanAddress().get(), objects);
        } else if (vxlan && !ambiguous.contains(node)) {
          tunnelless.put(node, noTunnelAddress("node " + node + " has"));
        }
      } else if (pool.get().ipip().applies(near)) {
        if (ipip) {
          objects.add(new ClusterRoute(cidr, Optional.of(peer.address()), TunnelLink.IPIP));
        }
      } else if (near && (encapsulatesElsewhere(pool.get()) || routesPlainly())) {
        objects.add(new ClusterRoute(cidr, Optional.of(peer.address()), uplink.device()));
      }
    });
    problems.addAll(tunnelless.values());
  }

  private static boolean encapsulatesElsewhere(Pool pool) {
    return pool.vxlan() != Encapsulation.NEVER || pool.ipip() != Encapsulation.NEVER;
  }

  private boolean routesPlainly() {
    return snapshot.settings().routesWithoutTunnel();
  }

  /** All other nodes with an address of the family that is not also this node's. */
  private void findPeers(List<RoutingProblem> problems) {
    Map<IpAddress, String> holders = new HashMap<>();
    holders.put(own.address(), snapshot.self());
    for (Node node :
        snapshot.nodes().stream()
            .filter(n -> !n.name().equals(snapshot.self()))
            .sorted(Comparator.comparing(Node::name))
            .toList()) {
      NodeAddress address = node.addresses().get(family);
      if (address == null) {
        continue;
      }
      String holder = holders.putIfAbsent(address.address(), node.name());
      if (holder != null) {
        problems.add(
            new RoutingProblem(
                Reason.DUPLICATE_NODE_ADDRESS,
                "nodes "
                    + holder
                    + " and "
                    + node.name()
                    + " both have "
                    + address.address()
                    + ": packets reach one of them only; correct the address of the other"));
      }
      // Of two others the network decides; one with this node's address cannot be reached.
      if (!address.address().equals(own.address())) {
        peers.put(node.name(), address);
      }
    }
  }

  private void forwarding(List<RoutingObject> objects) {
    if (family == IpFamily.IPV4) {
      objects.add(setting(List.of("ipv4", "ip_forward"), "1", Set.of(), Optional.empty()));
      objects.add(loose(uplink.device(), Optional.empty()));
    } else {
      // A router accepts advertisements only if told twice; without them it may lose its way out.
      objects.add(
          setting(
              List.of("ipv6", "conf", uplink.device(), "accept_ra"),
              "2",
              Set.of("0"),
              Optional.empty()));
      objects.add(
          setting(List.of("ipv6", "conf", "all", "forwarding"), "1", Set.of(), Optional.empty()));
    }
  }

  /**
   * While a pool's encapsulation changes, and between pools with different ones, packets come in by
   * another device than answers leave by.
   */
  private static Setting loose(String device, Optional<String> of) {
    return setting(List.of("ipv4", "conf", device, "rp_filter"), "2", Set.of("0"), of);
  }

  private static Setting setting(
      List<String> path, String value, Set<String> alsoFine, Optional<String> device) {
    return new Setting(path, value, alsoFine, device);
  }

  /** Whether there is a device. */
  private boolean vxlan(
      List<TunnelLink> links, List<RoutingObject> objects, List<RoutingProblem> problems) {
    if (own.vxlanAddress().isEmpty()) {
      problems.add(noTunnelAddress("this node has"));
      return false;
    }
    String name = vxlanName();
    links.add(
        new TunnelLink.Vxlan(
            name,
            snapshot.settings().vni(),
            snapshot.settings().port(),
            own.address(),
            uplink.device(),
            mac(snapshot.self(), own),
            vxlanMtu(),
            true));
    if (family == IpFamily.IPV4) {
      objects.add(loose(name, Optional.of(name)));
    }
    objects.add(new TunnelAddress(name, own.vxlanAddress().get()));
    Map<Object, String> taken = new HashMap<>();
    taken.put(own.vxlanAddress().get(), snapshot.self());
    taken.put(mac(snapshot.self(), own), snapshot.self());
    new TreeMap<>(peers)
        .forEach((node, peer) -> {
          if (peer.vxlanAddress().isEmpty()) {
            return;
          }
          IpAddress address = peer.vxlanAddress().get();
          MacAddress mac = mac(node, peer);
          String holder = Optional.ofNullable(taken.get(address)).orElse(taken.get(mac));
          if (holder != null) {
            problems.add(
                new RoutingProblem(
                    Reason.DUPLICATE_TUNNEL_ADDRESS,
                    "nodes "
                        + holder
                        + " and "
                        + node
                        + " both have the VXLAN tunnel address "
                        + (taken.containsKey(address) ? address : mac)
                        + ": the blocks of the second are not reachable; release its address, and"
                        + " its agent takes another"));
            peers.put(node, withoutTunnel(peer));
            ambiguous.add(node);
            return;
          }
          taken.put(address, node);
          taken.put(mac, node);
          objects.add(new TunnelNeighbor(name, address, mac));
          objects.add(new TunnelEntry(name, mac, peer.address()));
          if (!inBlockOf(node, address)) {
            objects.add(new ClusterRoute(address.toCidr(), Optional.empty(), name));
          }
        });
    return true;
  }

  private static NodeAddress withoutTunnel(NodeAddress peer) {
    return new NodeAddress(
        peer.address(),
        peer.prefixLength(),
        Optional.empty(),
        Optional.empty(),
        peer.ipipAddress());
  }

  private boolean inBlockOf(String node, IpAddress address) {
    return blocks.getOrDefault(node, List.of()).stream()
        .anyMatch(block -> !block.isSingleAddress() && block.contains(address));
  }

  private void throughVxlan(Cidr cidr, IpAddress tunnel, List<RoutingObject> objects) {
    Cidr hop = tunnel.toCidr();
    // IPv6 refuses a next hop that a route, such as the block's last one, leads elsewhere.
    if (cidr.equals(hop) || family == IpFamily.IPV6) {
      objects.add(new ClusterRoute(hop, Optional.empty(), vxlanName()));
    }
    if (!cidr.equals(hop)) {
      objects.add(new ClusterRoute(cidr, Optional.of(tunnel), vxlanName()));
    }
  }

  private MacAddress mac(String node, NodeAddress address) {
    return address.vxlanMac().orElseGet(() -> VxlanMac.of(node, family));
  }

  private RoutingProblem noTunnelAddress(String who) {
    return new RoutingProblem(
        Reason.NO_TUNNEL_ADDRESS,
        who
            + " no "
            + (family == IpFamily.IPV4 ? "IPv4" : "IPv6")
            + " VXLAN tunnel address yet: pools with vxlanMode are not routed; its agent takes one"
            + " from a pool that allows the use Tunnel");
  }

  private boolean ipip(
      List<TunnelLink> links, List<RoutingObject> objects, List<RoutingProblem> problems) {
    if (!snapshot.settings().ipip()) {
      problems.add(
          new RoutingProblem(
              Reason.IPIP_UNAVAILABLE,
              "this node's kernel has no IPIP (module ipip): pools with ipipMode are not routed;"
                  + " load it, or set vxlanMode instead"));
      return false;
    }
    links.add(new TunnelLink.Ipip(TunnelLink.IPIP, uplink.mtu() - IPIP_OVERHEAD, true));
    objects.add(loose(TunnelLink.IPIP, Optional.of(TunnelLink.IPIP)));
    own.ipipAddress().ifPresent(a -> objects.add(new TunnelAddress(TunnelLink.IPIP, a)));
    return true;
  }
}
