package io.portolan.linux.route;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;

/** Kinds of virtual links that can be created, with their settings. */
public sealed interface LinkKind {
  /** The kernel's word, such as {@code veth}. */
  String word();

  /**
   * A pair of links, each the other's wire.
   *
   * @param peer the other end
   */
  record Veth(VethPeer peer) implements LinkKind {
    @Override
    public String word() {
      return "veth";
    }
  }

  /**
   * A VXLAN tunnel (RFC 7348).
   *
   * @param id network identifier, 0 to 2^24-1
   * @param port UDP port, 1 to 65535; the kernel's own default is 8472, IANA's 4789
   * @param local source address of tunnel packets
   * @param device index of the link they leave by
   * @param learning learn forwarding entries from packets; off where they are programmed
   */
  record Vxlan(int id, int port, Optional<InetAddress> local, OptionalInt device, boolean learning)
      implements LinkKind {
    public Vxlan {
      if (id < 0 || id >= 1 << 24) {
        throw new IllegalArgumentException("id " + id + ": a VXLAN network identifier has 24 bits");
      }
      if (port < 1 || port > 65535) {
        throw new IllegalArgumentException("port " + port + ": a UDP port is 1 to 65535");
      }
      local = local.map(InetBytes::withoutScope);
    }

    /** Without source address and device, learning off. */
    public static Vxlan of(int id, int port) {
      return new Vxlan(id, port, Optional.empty(), OptionalInt.empty(), false);
    }

    public Vxlan withLocal(InetAddress value) {
      return new Vxlan(id, port, Optional.of(value), device, learning);
    }

    public Vxlan withDevice(int value) {
      return new Vxlan(id, port, local, OptionalInt.of(value), learning);
    }

    @Override
    public String word() {
      return "vxlan";
    }
  }

  /**
   * An IPv4-in-IPv4 tunnel (RFC 2003). Kernels without the ipip module refuse it as not supported.
   *
   * @param local source address of tunnel packets; any if empty
   * @param remote their destination; by route if empty
   * @param device index of the link they leave by
   */
  record IpIp(Optional<InetAddress> local, Optional<InetAddress> remote, OptionalInt device)
      implements LinkKind {
    public IpIp {
      requireIpv4("local", local);
      requireIpv4("remote", remote);
    }

    private static void requireIpv4(String field, Optional<InetAddress> address) {
      if (address.isPresent() && AddressFamily.of(address.get()) != AddressFamily.INET) {
        throw new IllegalArgumentException(
            field + " " + address.get().getHostAddress() + ": an IPIP tunnel has IPv4 ends");
      }
    }

    @Override
    public String word() {
      return "ipip";
    }
  }

  /** An Ethernet bridge. */
  record Bridge() implements LinkKind {
    @Override
    public String word() {
      return "bridge";
    }
  }
}
