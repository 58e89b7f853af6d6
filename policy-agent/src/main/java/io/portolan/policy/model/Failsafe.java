package io.portolan.policy.model;

import io.portolan.common.net.Cidr;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A port of nodes that no policy of host endpoints closes, so that a wrong one cuts nobody off.
 *
 * @param port 0 to 65535; of the node inbound, of the other end outbound
 * @param net where the other end must be; empty for anywhere
 */
public record Failsafe(Protocol protocol, int port, Optional<Cidr> net) {

  /**
   * Where nothing else is said: SSH, DHCP, BGP, etcd, Typha and the Kubernetes API
   * (FelixConfiguration {@code failsafeInboundHostPorts}).
   */
  public static final List<Failsafe> INBOUND =
      Stream.concat(tcp(22), Stream.concat(udp(68), tcp(179, 2379, 2380, 5473, 6443, 6666, 6667)))
          .toList();

  /** The same for what nodes open, with DNS ({@code failsafeOutboundHostPorts}). */
  public static final List<Failsafe> OUTBOUND =
      Stream.concat(udp(53, 67), tcp(179, 2379, 2380, 5473, 6443, 6666, 6667)).toList();

  public Failsafe {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("failsafe port " + port + ": 0 to 65535");
    }
  }

  private static Stream<Failsafe> tcp(int... ports) {
    return IntStream.of(ports).mapToObj(p -> new Failsafe(Protocol.TCP, p, Optional.empty()));
  }

  private static Stream<Failsafe> udp(int... ports) {
    return IntStream.of(ports).mapToObj(p -> new Failsafe(Protocol.UDP, p, Optional.empty()));
  }

  @Override
  public String toString() {
    return protocol.text() + ":" + net.map(n -> n + ":").orElse("") + port;
  }
}
