package io.portolan.calico.bgp;

import io.portolan.common.net.Cidr;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A BGPConfiguration, with the node's own one laid over it.
 *
 * @param asNumber of nodes without one
 * @param mesh whether nodes that are no route reflectors peer with each other
 * @param listenPort TCP port
 * @param clusterIps blocks of Services' addresses that are announced
 * @param aggregated whether load balancer blocks are announced whole
 * @param communities which communities routes in a block get, as {@code 65000:1} or {@code
 *     65000:1:2}
 * @param meshPassword where it is
 * @param meshRestartTime seconds that peers keep routes of a restarting node; empty: BIRD's 120
 * @param bindsNodeAddress whether nothing listens on other addresses
 * @param ignoredInterfaces patterns of devices whose addresses do not count
 * @param programsRoutes whether BIRD programs routes of pools without encapsulation
 */
public record BgpConfiguration(
    long asNumber,
    boolean mesh,
    int listenPort,
    List<Cidr> clusterIps,
    List<Cidr> externalIps,
    List<Cidr> loadBalancerIps,
    boolean aggregated,
    List<Communities> communities,
    Optional<BgpSnapshot.SecretKey> meshPassword,
    OptionalInt meshRestartTime,
    boolean bindsNodeAddress,
    List<String> ignoredInterfaces,
    boolean programsRoutes) {
  public static final int PORT = 179;

  /** What holds without any object. */
  public static final BgpConfiguration DEFAULT =
      new BgpConfiguration(
          64512,
          true,
          PORT,
          List.of(),
          List.of(),
          List.of(),
          true,
          List.of(),
          Optional.empty(),
          OptionalInt.empty(),
          false,
          List.of(),
          true);

  public BgpConfiguration {
    clusterIps = List.copyOf(clusterIps);
    externalIps = List.copyOf(externalIps);
    loadBalancerIps = List.copyOf(loadBalancerIps);
    communities = List.copyOf(communities);
    ignoredInterfaces = List.copyOf(ignoredInterfaces);
  }

  /** Routes in the block are announced with the communities. */
  public record Communities(Cidr cidr, List<BgpCommunity> values) {
    public Communities {
      values = List.copyOf(values);
    }
  }
}
