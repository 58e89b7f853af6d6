package io.portolan.linux.route;

import static io.portolan.linux.netlink.NetlinkFlags.ACK;
import static io.portolan.linux.netlink.NetlinkFlags.CREATE;
import static io.portolan.linux.netlink.NetlinkFlags.EXCLUSIVE;
import static io.portolan.linux.netlink.NetlinkFlags.REPLACE;

import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.netlink.NetlinkBatch;

/**
 * Changes that go to the kernel in one send, carried out in this order and answered one by one. A
 * change that fails does not keep later ones from being carried out: this is no transaction.
 *
 * <p>Not for use by several threads at once.
 */
public final class RouteBatch {
  private final NetlinkBatch messages = new NetlinkBatch();

  /** Makes a link. */
  public RouteBatch create(NewLink link) {
    messages.add(
        Rtnetlink.NEWLINK,
        ACK | CREATE | EXCLUSIVE,
        () -> "create " + link.kind().word() + " link " + link.name(),
        w -> LinkCodec.writeNew(w, link));
    return this;
  }

  public RouteBatch change(LinkRef link, LinkChange change) {
    messages.add(
        Rtnetlink.NEWLINK,
        ACK,
        () -> "change " + link,
        w -> LinkCodec.writeChange(w, link, change));
    return this;
  }

  /** Deletes a link; of a veth pair both. */
  public RouteBatch delete(LinkRef link) {
    messages.add(Rtnetlink.DELLINK, ACK, () -> "delete " + link, w -> LinkCodec.writeRef(w, link));
    return this;
  }

  /**
   * Deletes all links of an interface group in one go: the kernel waits once for its readers (RCU),
   * some 24 ms, instead of once for each link.
   *
   * @param group above 0; group 0 holds every link nobody put elsewhere
   */
  public RouteBatch deleteGroup(int group) {
    if (group == 0) {
      throw new IllegalArgumentException(
          "group 0 holds all links without a group: put those to be deleted in another");
    }
    messages.add(
        Rtnetlink.DELLINK,
        ACK,
        () -> "delete links of group " + group,
        w -> LinkCodec.writeGroup(w, group));
    return this;
  }

  /** Adds what must not be there yet. */
  public RouteBatch add(NetworkObject object) {
    messages.add(
        newType(object), ACK | CREATE | EXCLUSIVE, () -> "add " + object, w -> write(w, object));
    return this;
  }

  /**
   * Adds, or overwrites what the kernel holds under the same key: a route's destination, table and
   * metric; an address; a neighbour's address; an entry's MAC.
   *
   * @throws IllegalArgumentException for a {@link Rule}, which the kernel cannot replace
   */
  public RouteBatch replace(NetworkObject object) {
    if (object instanceof Rule) {
      throw new IllegalArgumentException(
          object + ": rules cannot be replaced; add the new one, then delete the old one");
    }
    messages.add(
        newType(object), ACK | CREATE | REPLACE, () -> "replace " + object, w -> write(w, object));
    return this;
  }

  /** Deletes what matches in everything {@code object} says. */
  public RouteBatch delete(NetworkObject object) {
    messages.add(deleteType(object), ACK, () -> "delete " + object, w -> write(w, object));
    return this;
  }

  public int size() {
    return messages.size();
  }

  public boolean isEmpty() {
    return messages.isEmpty();
  }

  NetlinkBatch messages() {
    return messages;
  }

  /** Asks for a link behind the changes before it; answered besides its acknowledgement. */
  void get(LinkRef link) {
    messages.add(Rtnetlink.GETLINK, ACK, () -> "get " + link, w -> LinkCodec.writeGet(w, link));
  }

  private static int newType(NetworkObject object) {
    return switch (object) {
      case Address _ -> Rtnetlink.NEWADDR;
      case Route _ -> Rtnetlink.NEWROUTE;
      case Rule _ -> Rtnetlink.NEWRULE;
      case Neighbor _, FdbEntry _ -> Rtnetlink.NEWNEIGH;
    };
  }

  private static int deleteType(NetworkObject object) {
    return newType(object) + (Rtnetlink.DELROUTE - Rtnetlink.NEWROUTE);
  }

  static void write(AttributeWriter w, NetworkObject object) {
    switch (object) {
      case Address address -> AddressCodec.write(w, address);
      case Route route -> RouteCodec.write(w, route);
      case Rule rule -> RuleCodec.write(w, rule);
      case Neighbor neighbor -> NeighborCodec.write(w, neighbor);
      case FdbEntry entry -> NeighborCodec.write(w, entry);
    }
  }
}
