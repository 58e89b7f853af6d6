package io.portolan.linux.route;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A link as the kernel has it.
 *
 * @param index above 0; never reused for as long as the namespace lives, in practice
 * @param name its present name
 * @param flags linux/if.h, IFF_*; see {@link #isUp()} and its like
 * @param state whether it carries packets
 * @param mtu in bytes
 * @param mac empty if its link layer has other addresses than Ethernet's
 * @param group interface group
 * @param alias empty text if none
 * @param master index of the bridge it is a port of
 * @param peer index of the other end of a veth, in that one's namespace; of the link below for
 *     stacked links
 * @param peerNamespace the id, local to this namespace, of the namespace {@code peer} is in, if it
 *     is another
 * @param kind the kernel's word such as {@code veth}; empty for hardware and the loopback
 * @param configuration settings of kinds this library creates, other than veth
 */
public record Link(
    int index,
    String name,
    int flags,
    OperationalState state,
    int mtu,
    Optional<MacAddress> mac,
    int group,
    String alias,
    OptionalInt master,
    OptionalInt peer,
    OptionalInt peerNamespace,
    String kind,
    Optional<LinkKind> configuration) {
  static final int IFF_UP = 0x1;
  private static final int IFF_LOOPBACK = 0x8;
  private static final int IFF_RUNNING = 0x40;

  /** Whether an administrator raised it. */
  public boolean isUp() {
    return (flags & IFF_UP) != 0;
  }

  /** Whether it is up and has a carrier. */
  public boolean isRunning() {
    return (flags & IFF_RUNNING) != 0;
  }

  public boolean isLoopback() {
    return (flags & IFF_LOOPBACK) != 0;
  }

  public LinkRef ref() {
    return LinkRef.of(index);
  }
}
