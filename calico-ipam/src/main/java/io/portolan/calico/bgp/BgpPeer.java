package io.portolan.calico.bgp;

import io.portolan.common.net.IpAddress;
import io.portolan.common.select.expression.Expression;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A BGPPeer.
 *
 * @param nodes which nodes it is for
 * @param remote whom those peer with
 * @param localAs AS number towards this peer, if another than the node's
 * @param ownAddress whether sessions start from the node's address
 * @param restartTime seconds; empty: BIRD's 120
 * @param keepalive seconds; empty: a third of the hold time
 * @param allowedOwnAs how often the own AS number may be in a received path
 * @param hops how far away the peer is at most, checked by TTL (GTSM); empty: any distance,
 *     unchecked
 * @param reachableBy gateway to the peer's address
 * @param filters names of BGPFilters, in order
 */
public record BgpPeer(
    String name,
    Local nodes,
    Remote remote,
    OptionalLong localAs,
    NextHop nextHop,
    Optional<BgpSnapshot.SecretKey> password,
    boolean ownAddress,
    OptionalInt restartTime,
    OptionalInt keepalive,
    int allowedOwnAs,
    OptionalInt hops,
    Optional<IpAddress> reachableBy,
    List<String> filters) {
  public BgpPeer {
    filters = List.copyOf(filters);
  }

  /** Which nodes have the peering. */
  public sealed interface Local {
    record All() implements Local {}

    record Named(String node) implements Local {}

    record Selected(Expression selector) implements Local {}

    /** Whether the node is one of them. */
    default boolean includes(BgpSnapshot.Node node) {
      return switch (this) {
        case All _ -> true;
        case Named(String name) -> name.equals(node.name());
        case Selected(Expression selector) -> selector.matches(node.labels());
      };
    }
  }

  /** The other side. */
  public sealed interface Remote {
    /**
     * A router by its address.
     *
     * @param port empty: that of nodes if it is one, else 179
     */
    record Address(IpAddress address, OptionalInt port, long asNumber) implements Remote {}

    /**
     * Nodes of the cluster.
     *
     * @param reverse whether those peer back without a BGPPeer of their own
     */
    record Nodes(Expression selector, boolean reverse) implements Remote {}
  }

  /** What the next hop of announced routes is. */
  public enum NextHop {
    /** As BGP says. */
    AUTO,
    SELF,
    KEEP,
    /** The old {@code keepOriginalNextHop}: kept towards other AS numbers only. */
    KEEP_EXTERNAL
  }
}
