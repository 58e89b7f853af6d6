package io.portolan.linux.route;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A link to be made. The kernel takes no alias here; {@link LinkChange} sets one.
 *
 * @param name its interface name
 * @param kind what it is
 * @param mac random if empty
 * @param mtu the kind's default if empty
 * @param index which index to get; the kernel's choice if empty
 * @param group interface group, so that many can be deleted as one; 0 if empty
 * @param queues how many transmit and receive queues it gets; if empty as many as the machine may
 *     have processors (veth since Linux 5.18), each with objects in sysfs that take time to make
 * @param up raise it at once
 */
public record NewLink(
    String name,
    LinkKind kind,
    Optional<MacAddress> mac,
    OptionalInt mtu,
    OptionalInt index,
    OptionalInt group,
    OptionalInt queues,
    boolean up) {

  public NewLink {
    LinkName.require("name", name);
    if (kind instanceof LinkKind.Veth(VethPeer peer)
        && peer.namespace().isEmpty()
        && peer.name().equals(name)) {
      throw new IllegalArgumentException(
          "name " + name + " is also its peer's, in the same namespace");
    }
  }

  public static NewLink of(String name, LinkKind kind) {
    return new NewLink(
        name,
        kind,
        Optional.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        false);
  }

  public static NewLink veth(String name, VethPeer peer) {
    return of(name, new LinkKind.Veth(peer));
  }

  public NewLink withMac(MacAddress value) {
    return new NewLink(name, kind, Optional.of(value), mtu, index, group, queues, up);
  }

  public NewLink withMtu(int value) {
    return new NewLink(name, kind, mac, OptionalInt.of(value), index, group, queues, up);
  }

  public NewLink withIndex(int value) {
    return new NewLink(name, kind, mac, mtu, OptionalInt.of(value), group, queues, up);
  }

  public NewLink withGroup(int value) {
    return new NewLink(name, kind, mac, mtu, index, OptionalInt.of(value), queues, up);
  }

  public NewLink withQueues(int value) {
    return new NewLink(name, kind, mac, mtu, index, group, OptionalInt.of(value), up);
  }

  public NewLink withUp() {
    return new NewLink(name, kind, mac, mtu, index, group, queues, true);
  }

  /**
   * @throws IllegalArgumentException if the kernel would not do as this says
   */
  void requireHeeded() {
    if (kind instanceof LinkKind.Veth(VethPeer peer)
        && peer.index().isPresent()
        && index.isEmpty()) {
      throw new IllegalArgumentException(
          "index of the peer "
              + peer.name()
              + ": the kernel heeds it only if "
              + name
              + " has one too");
    }
  }
}
