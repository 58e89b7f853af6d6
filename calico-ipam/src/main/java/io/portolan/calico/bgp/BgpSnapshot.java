package io.portolan.calico.bgp;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * All that decides about BIRD's configuration on one node.
 *
 * @param self name of the node
 * @param nodes all nodes, this one among them
 * @param pools all IPPools but those for load balancers only
 * @param blocks own blocks; they are announced whole
 * @param borrowed addresses on this node whose block is another's; announced one by one
 * @param services what may be announced of Services
 * @param passwords by where BGPPeers and the mesh refer to; missing ones keep a session away
 */
public record BgpSnapshot(
    String self,
    List<Node> nodes,
    BgpConfiguration configuration,
    List<BgpPeer> peers,
    List<BgpFilter> filters,
    List<Pool> pools,
    List<Cidr> blocks,
    List<IpAddress> borrowed,
    List<Service> services,
    Map<SecretKey, String> passwords) {
  public BgpSnapshot {
    nodes = List.copyOf(nodes);
    peers = List.copyOf(peers);
    filters = List.copyOf(filters);
    pools = List.copyOf(pools);
    blocks = List.copyOf(blocks);
    borrowed = List.copyOf(borrowed);
    services = List.copyOf(services);
    passwords = Map.copyOf(passwords);
  }

  /** With these passwords. */
  public BgpSnapshot with(Map<SecretKey, String> given) {
    return new BgpSnapshot(
        self, nodes, configuration, peers, filters, pools, blocks, borrowed, services, given);
  }

  /** Where passwords are looked for. */
  public List<SecretKey> secretKeys() {
    return Stream.concat(
            configuration.meshPassword().stream(),
            peers.stream().flatMap(p -> p.password().stream()))
        .distinct()
        .toList();
  }

  /** With these peers and filters only. */
  public BgpSnapshot with(List<BgpPeer> somePeers, List<BgpFilter> someFilters) {
    return new BgpSnapshot(
        self,
        nodes,
        configuration,
        somePeers,
        someFilters,
        pools,
        blocks,
        borrowed,
        services,
        passwords);
  }

  /**
   * A possible speaker.
   *
   * @param asNumber if other than the cluster's
   * @param clusterId of a route reflector, in the form of an IPv4 address
   */
  public record Node(
      String name,
      Map<String, String> labels,
      Map<IpFamily, IpAddress> addresses,
      OptionalLong asNumber,
      Optional<IpAddress> clusterId) {
    public Node {
      labels = Map.copyOf(labels);
      addresses = Map.copyOf(addresses);
    }
  }

  /**
   * An IPPool.
   *
   * @param exported neither disabled nor {@code disableBGPExport}
   * @param tunnelled whether its routes are not BIRD's to program
   */
  public record Pool(Cidr cidr, boolean exported, boolean tunnelled) {}

  /**
   * A Service of a type that has addresses.
   *
   * @param name with its namespace
   * @param balanced whether of type LoadBalancer
   * @param local whether {@code externalTrafficPolicy: Local}
   * @param readyHere whether an endpoint on this node is ready
   * @param ready whether any endpoint is ready
   */
  public record Service(
      String name,
      List<IpAddress> clusterIps,
      List<IpAddress> externalIps,
      List<IpAddress> loadBalancerIps,
      boolean balanced,
      boolean local,
      boolean readyHere,
      boolean ready) {
    public Service {
      clusterIps = List.copyOf(clusterIps);
      externalIps = List.copyOf(externalIps);
      loadBalancerIps = List.copyOf(loadBalancerIps);
    }
  }

  /** A key of a Secret in the agents' namespace. */
  public record SecretKey(String name, String key) {
    @Override
    public String toString() {
      return "key " + key + " of Secret " + name;
    }
  }
}
