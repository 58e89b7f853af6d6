package io.portolan.policy.nft;

import io.portolan.common.net.IpAddress;

/**
 * A new connection, as the forward chains see it.
 *
 * @param source who opens it, before any source NAT
 * @param destination whom it reaches, behind any destination NAT
 * @param protocol IP protocol number
 * @param port destination port; 0 for a protocol without ports
 */
public record Flow(IpAddress source, IpAddress destination, int protocol, int port) {
  public Flow {
    if (source.family() != destination.family()) {
      throw new IllegalArgumentException(
          "a connection has one family: " + source + " to " + destination);
    }
  }
}
