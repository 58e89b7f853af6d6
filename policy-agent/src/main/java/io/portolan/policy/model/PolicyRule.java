package io.portolan.policy.model;

import java.util.List;

/**
 * Allows connections with one of the peers on one of the ports.
 *
 * @param peers alternatives; an empty list matches nobody, {@link Peer.Anyone} matches everybody,
 *     so that a peer that could not be understood never widens a rule
 * @param ports alternatives; empty matches nothing, as with peers
 */
public record PolicyRule(List<Peer> peers, List<PortMatch> ports) {
  public PolicyRule {
    peers = List.copyOf(peers);
    ports = List.copyOf(ports);
  }
}
