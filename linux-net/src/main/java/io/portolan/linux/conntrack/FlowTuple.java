package io.portolan.linux.conntrack;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One direction of a flow: what its packets carry.
 *
 * @param source of the packets of this direction
 * @param destination of the same family
 * @param protocol IANA number: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6, 132 SCTP
 * @param sourcePort 0 for protocols without ports
 * @param destinationPort 0 for protocols without ports
 * @param icmp of ICMP and ICMPv6 only
 * @param zone of this direction alone, for zones that were set for one direction
 */
public record FlowTuple(
    InetAddress source,
    InetAddress destination,
    int protocol,
    int sourcePort,
    int destinationPort,
    Optional<Icmp> icmp,
    OptionalInt zone) {

  /**
   * What tells ICMP exchanges apart.
   *
   * @param id of an echo
   * @param type ICMP or ICMPv6 message type
   * @param code ICMP or ICMPv6 message code
   */
  public record Icmp(int id, int type, int code) {}

  @Override
  public String toString() {
    String ports =
        icmp.map(i -> " type " + i.type() + " code " + i.code() + " id " + i.id())
            .orElse(" sport " + sourcePort + " dport " + destinationPort);
    return "src "
        + source.getHostAddress()
        + " dst "
        + destination.getHostAddress()
        + " proto "
        + protocol
        + ports;
  }
}
