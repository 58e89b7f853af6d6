package io.portolan.linux.route;

import io.portolan.linux.netns.NetworkNamespace;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The other end of a veth pair to be made. It is born down: the kernel refuses (ENOTCONN) to raise
 * it in the same request, because its own other end is not there yet. Raise it from inside its
 * namespace.
 *
 * @param name its interface name
 * @param mac random if empty
 * @param mtu 1500 if empty
 * @param index which index to get; the kernel's choice if empty, and only heeded if the other end's
 *     is given too. {@link RouteSocket#create} tells it afterwards as {@link Link#peer}
 * @param namespace where it is born; that of the request's socket if empty. The handle must be open
 *     when the request is put together
 * @param group interface group; 0 if empty
 * @param queues how many transmit and receive queues it gets; if empty as many as the machine may
 *     have processors (veth since Linux 5.18), each with objects in sysfs that take time to make
 */
public record VethPeer(
    String name,
    Optional<MacAddress> mac,
    OptionalInt mtu,
    OptionalInt index,
    Optional<NetworkNamespace> namespace,
    OptionalInt group,
    OptionalInt queues) {

  public VethPeer {
    LinkName.require("name", name);
  }

  public static VethPeer named(String name) {
    return new VethPeer(
        name,
        Optional.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        OptionalInt.empty());
  }

  public VethPeer withMac(MacAddress value) {
    return new VethPeer(name, Optional.of(value), mtu, index, namespace, group, queues);
  }

  public VethPeer withMtu(int value) {
    return new VethPeer(name, mac, OptionalInt.of(value), index, namespace, group, queues);
  }

  public VethPeer withIndex(int value) {
    return new VethPeer(name, mac, mtu, OptionalInt.of(value), namespace, group, queues);
  }

  public VethPeer withQueues(int value) {
    return new VethPeer(name, mac, mtu, index, namespace, group, OptionalInt.of(value));
  }

  public VethPeer in(NetworkNamespace value) {
    return new VethPeer(name, mac, mtu, index, Optional.of(value), group, queues);
  }

  public VethPeer withGroup(int value) {
    return new VethPeer(name, mac, mtu, index, namespace, OptionalInt.of(value), queues);
  }
}
