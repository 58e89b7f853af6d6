package io.portolan.policy.nft;

import io.portolan.common.net.IpAddress;

/**
 * A new connection, as the forward chains see it.
 *
 * @param source who opens it, before any source NAT
 * @param destination whom it reaches, behind any destination NAT
 * @param addressed whom it was addressed to, before any destination NAT
 * @param protocol IP protocol number
 * @param sourcePort 0 for a protocol without ports
 * @param port destination port; of ICMP the type in the upper and the code in the lower eight bits;
 *     0 for other protocols without ports
 */
public record Flow(
    IpAddress source,
    IpAddress destination,
    IpAddress addressed,
    int protocol,
    int sourcePort,
    int port) {
  public Flow {
    if (source.family() != destination.family()) {
      throw new IllegalArgumentException(
          "a connection has one family: " + source + " to " + destination);
    }
  }

  /** Without NAT. */
  public Flow(IpAddress source, IpAddress destination, int protocol, int sourcePort, int port) {
    this(source, destination, destination, protocol, sourcePort, port);
  }

  /** From a port that no policy speaks of. */
  public Flow(IpAddress source, IpAddress destination, int protocol, int port) {
    this(source, destination, protocol, EPHEMERAL, port);
  }

  private static final int EPHEMERAL = 40_000;

  /** The same, reached by the address of a service. */
  public Flow through(IpAddress service) {
    return new Flow(source, destination, service, protocol, sourcePort, port);
  }

  /** Whether ports of this flow mean ICMP's type and code. */
  public boolean isIcmp() {
    return protocol == (source.isIpv4() ? 1 : 58);
  }
}
