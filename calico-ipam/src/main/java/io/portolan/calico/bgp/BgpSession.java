package io.portolan.calico.bgp;

import io.portolan.common.net.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One session of this node, as BIRD is told of it.
 *
 * @param protocol BIRD's name for it; stays the same as long as the peer's address does
 * @param origin the object it comes from
 * @param source the node's address; empty: the kernel chooses
 * @param passive waits to be called
 * @param clusterId if the peer is a client of this route reflector
 */
record BgpSession(
    String protocol,
    String origin,
    Optional<IpAddress> source,
    IpAddress peer,
    int port,
    long localAs,
    long peerAs,
    boolean passive,
    Optional<String> password,
    OptionalInt restartTime,
    OptionalInt keepalive,
    int allowedOwnAs,
    OptionalInt hops,
    Optional<IpAddress> clusterId,
    BgpPeer.NextHop nextHop,
    List<BgpFilter> filters) {
  BgpSession {
    filters = List.copyOf(filters);
  }

  boolean isInternal() {
    return localAs == peerAs;
  }
}
