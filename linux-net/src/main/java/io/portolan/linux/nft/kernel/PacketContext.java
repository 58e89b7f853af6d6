package io.portolan.linux.nft.kernel;

import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.PayloadField.Protocol;
import java.util.Optional;

/**
 * What a rule has established about the packet so far, and which check a field still needs.
 *
 * <p>Both directions share it: lowering inserts the checks, raising recognises them.
 */
final class PacketContext {
  static final int NFPROTO_IPV4 = 2;
  static final int NFPROTO_IPV6 = 10;
  private static final int ETHERTYPE_IPV4 = 0x0800;
  private static final int ETHERTYPE_IPV6 = 0x86dd;

  private final NftFamily family;
  private Optional<Layer3> network;
  private int transport = -1;
  private boolean ethernet;

  /** The two network protocols. */
  enum Layer3 {
    IPV4(NFPROTO_IPV4, ETHERTYPE_IPV4),
    IPV6(NFPROTO_IPV6, ETHERTYPE_IPV6);

    final int nfproto;
    final int etherType;

    Layer3(int nfproto, int etherType) {
      this.nfproto = nfproto;
      this.etherType = etherType;
    }
  }

  PacketContext(NftFamily family) {
    this.family = family;
    this.network =
        switch (family) {
          case IP -> Optional.of(Layer3.IPV4);
          case IP6 -> Optional.of(Layer3.IPV6);
          case INET, ARP, NETDEV, BRIDGE -> Optional.empty();
        };
    this.ethernet = family == NftFamily.BRIDGE || family == NftFamily.NETDEV;
  }

  NftFamily family() {
    return family;
  }

  /** Whether the network protocol is told by {@code meta protocol} rather than meta nfproto. */
  boolean byEtherType() {
    return family == NftFamily.BRIDGE || family == NftFamily.NETDEV;
  }

  void establish(Layer3 layer3) {
    network = Optional.of(layer3);
  }

  void establishTransport(int protocol) {
    transport = protocol;
  }

  void establishEthernet() {
    ethernet = true;
  }

  /** The transport protocol's number, -1 while any is possible. */
  int transport() {
    return transport;
  }

  Optional<Layer3> network() {
    return network;
  }

  /** Whether the field's link layer must be checked first. */
  boolean needsEthernet(Protocol protocol) {
    return protocol == Protocol.ETHER && !ethernet;
  }

  /** The network protocol that must be checked first. */
  Optional<Layer3> needsNetwork(Protocol protocol) {
    Optional<Layer3> wanted =
        switch (protocol) {
          case IP, ICMP -> Optional.of(Layer3.IPV4);
          case IP6, ICMPV6 -> Optional.of(Layer3.IPV6);
          case ANY, ETHER, TCP, UDP, SCTP -> Optional.empty();
        };
    if (wanted.isPresent() && network.isPresent() && !wanted.equals(network)) {
      throw new IllegalArgumentException(
          protocol + " fields cannot be read from " + network.get() + " packets in one rule");
    }
    return wanted.filter(_ -> network.isEmpty());
  }

  /** The transport protocol that must be checked first, -1 for none. */
  int needsTransport(Protocol protocol) {
    int wanted = transportOf(protocol);
    if (wanted >= 0 && transport >= 0 && wanted != transport) {
      throw new IllegalArgumentException(
          protocol + " fields cannot be read from packets of protocol " + transport);
    }
    return wanted == transport ? -1 : wanted;
  }

  static int transportOf(Protocol protocol) {
    return switch (protocol) {
      case ICMP -> 1;
      case TCP -> 6;
      case UDP -> 17;
      case ICMPV6 -> 58;
      case SCTP -> 132;
      case ANY, ETHER, IP, IP6 -> -1;
    };
  }
}
