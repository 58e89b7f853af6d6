package io.portolan.calico.routing;

import io.portolan.calico.routing.RoutingSnapshot.Block;
import io.portolan.calico.routing.RoutingSnapshot.Borrowed;
import io.portolan.calico.routing.RoutingSnapshot.Node;
import io.portolan.calico.routing.RoutingSnapshot.NodeAddress;
import io.portolan.calico.routing.RoutingSnapshot.Pool;
import io.portolan.calico.routing.RoutingSnapshot.Settings;
import io.portolan.calico.routing.RoutingSnapshot.Uplink;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A cluster in few words, and the snapshot that each of its nodes plans from. */
public final class Topology {
  private final Map<String, Map<IpFamily, NodeAddress>> nodes = new TreeMap<>();
  private final List<Pool> pools = new ArrayList<>();
  private final List<Block> blocks = new ArrayList<>();
  private final List<Borrowed> borrowed = new ArrayList<>();
  private final List<Cidr> external = new ArrayList<>();
  private Settings settings = Settings.DEFAULT;
  private int mtu = 1500;

  /**
   * @param address with the length of its subnet
   */
  public Topology node(String name, String address) {
    return put(name, address, Optional.empty(), Optional.empty());
  }

  public Topology vxlanNode(String name, String address, String tunnel) {
    return put(name, address, Optional.of(IpAddress.parse(tunnel)), Optional.empty());
  }

  public Topology ipipNode(String name, String address, String tunnel) {
    return put(name, address, Optional.empty(), Optional.of(IpAddress.parse(tunnel)));
  }

  private Topology put(
      String name, String address, Optional<IpAddress> vxlan, Optional<IpAddress> ipip) {
    String[] parts = address.split("/");
    IpAddress own = IpAddress.parse(parts[0]);
    nodes
        .computeIfAbsent(name, _ -> new EnumMap<>(IpFamily.class))
        .put(
            own.family(),
            new NodeAddress(own, Integer.parseInt(parts[1]), vxlan, Optional.empty(), ipip));
    return this;
  }

  public Topology withoutNode(String name) {
    nodes.remove(name);
    blocks.removeIf(b -> b.node().equals(name));
    return this;
  }

  public Topology pool(String cidr, Encapsulation vxlan, Encapsulation ipip, boolean nat) {
    pools.removeIf(p -> p.cidr().toString().equals(cidr));
    pools.add(new Pool(cidr, Cidr.parse(cidr), vxlan, ipip, nat));
    return this;
  }

  public Topology vxlanPool(String cidr, Encapsulation when) {
    return pool(cidr, when, Encapsulation.NEVER, false);
  }

  public Topology plainPool(String cidr) {
    return pool(cidr, Encapsulation.NEVER, Encapsulation.NEVER, false);
  }

  public Topology withoutPool(String cidr) {
    pools.removeIf(p -> p.cidr().toString().equals(cidr));
    return this;
  }

  public Topology block(String cidr, String node) {
    blocks.add(new Block(Cidr.parse(cidr), node));
    return this;
  }

  public Topology borrowed(String address, String node) {
    borrowed.add(new Borrowed(IpAddress.parse(address), node));
    return this;
  }

  public Topology external(String cidr) {
    external.add(Cidr.parse(cidr));
    return this;
  }

  public Topology settings(Settings value) {
    settings = value;
    return this;
  }

  public Topology mtu(int value) {
    mtu = value;
    return this;
  }

  public RoutingSnapshot seenFrom(String self) {
    List<Node> all = new ArrayList<>();
    nodes.forEach((name, addresses) -> all.add(new Node(name, addresses)));
    Uplink uplink = new Uplink("eth0", mtu);
    Map<IpFamily, Uplink> uplinks = new EnumMap<>(IpFamily.class);
    nodes.getOrDefault(self, Map.of()).keySet().forEach(family -> uplinks.put(family, uplink));
    return new RoutingSnapshot(self, all, pools, blocks, borrowed, uplinks, external, settings);
  }

  /** State and problems, as text. */
  public String planOf(String self) {
    RoutingPlan plan = RoutingPlanner.plan(seenFrom(self));
    StringBuilder text = new StringBuilder(plan.state().toString());
    plan.podMtu().ifPresent(m -> text.append("\npod mtu ").append(m));
    plan.problems().forEach(p -> text.append('\n').append(p));
    return text.toString().strip();
  }
}
