package io.portolan.calico.routing;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.common.net.MacAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that decides about the routes of one node. There is one only once every source was read
 * wholly: what is not in it goes from the kernel.
 *
 * @param self name of the node that is planned for
 * @param nodes all nodes, this one among them
 * @param pools all IPPools but those for load balancers only
 * @param blocks confirmed affinities
 * @param borrowed addresses in use on another node than their block belongs to
 * @param uplinks by which device this node reaches the others; a family without one is not routed
 * @param externalNodes further senders of tunnel packets ({@code externalNodesCIDRList})
 * @param settings choices of the installation
 */
public record RoutingSnapshot(
    String self,
    List<Node> nodes,
    List<Pool> pools,
    List<Block> blocks,
    List<Borrowed> borrowed,
    Map<IpFamily, Uplink> uplinks,
    List<Cidr> externalNodes,
    Settings settings) {
  public RoutingSnapshot {
    nodes = List.copyOf(nodes);
    pools = List.copyOf(pools);
    blocks = List.copyOf(blocks);
    borrowed = List.copyOf(borrowed);
    uplinks = Map.copyOf(uplinks);
    externalNodes = List.copyOf(externalNodes);
  }

  /**
   * A member of the cluster.
   *
   * @param addresses at most one of each family
   */
  public record Node(String name, Map<IpFamily, NodeAddress> addresses) {
    public Node {
      addresses = Map.copyOf(addresses);
    }
  }

  /**
   * Where a node is found in one family.
   *
   * @param address under which other nodes reach it
   * @param prefixLength of its subnet; nodes whose addresses lie in each other's subnets share one
   * @param vxlanAddress of its VXLAN device, once it has one
   * @param vxlanMac of its VXLAN device, if it is another than {@link VxlanMac} says
   * @param ipipAddress of its IPIP device, once it has one; IPv4 only
   */
  public record NodeAddress(
      IpAddress address,
      int prefixLength,
      Optional<IpAddress> vxlanAddress,
      Optional<MacAddress> vxlanMac,
      Optional<IpAddress> ipipAddress) {
    public NodeAddress {
      var _ = Cidr.containing(address, prefixLength);
    }

    boolean sharesSubnetWith(NodeAddress other) {
      return Cidr.containing(address, prefixLength).contains(other.address)
          && Cidr.containing(other.address, other.prefixLength).contains(address);
    }
  }

  /** An IPPool. A disabled one is routed like any other: its pods are still there. */
  public record Pool(
      String name, Cidr cidr, Encapsulation vxlan, Encapsulation ipip, boolean natOutgoing) {}

  /** The node answers for the addresses of the block. */
  public record Block(Cidr cidr, String node) {}

  /** The node has the address, though the block around it is another's. */
  public record Borrowed(IpAddress address, String node) {}

  /**
   * The device that leads to other nodes.
   *
   * @param mtu in bytes
   */
  public record Uplink(String device, int mtu) {}

  /**
   * Choices of the installation.
   *
   * @param vni VXLAN network identifier
   * @param port UDP port of VXLAN
   * @param routesWithoutTunnel whether blocks of pools without encapsulation are routed to nodes of
   *     the own subnet here, not by BGP
   * @param natExcludesNodes packets to nodes keep the pod's address ({@code natOutgoingExclusions:
   *     IPPoolsAndHostIPs})
   * @param ipip whether this kernel has IPIP
   */
  public record Settings(
      int vni, int port, boolean routesWithoutTunnel, boolean natExcludesNodes, boolean ipip) {
    /** Calico's VXLAN: identifier 4096, UDP port 4789. */
    public static final Settings DEFAULT = new Settings(4096, 4789, true, false, false);

    public Settings withIpip(boolean value) {
      return new Settings(vni, port, routesWithoutTunnel, natExcludesNodes, value);
    }

    public Settings withoutRoutesOfBgp() {
      return new Settings(vni, port, false, natExcludesNodes, ipip);
    }
  }
}
