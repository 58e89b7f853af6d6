package io.portolan.linux.route;

import io.portolan.linux.netlink.BatchResult;
import io.portolan.linux.netlink.NetlinkBuffers;
import io.portolan.linux.netlink.NetlinkException;
import io.portolan.linux.netlink.NetlinkProtocol;
import io.portolan.linux.netlink.NetlinkSocket;
import io.portolan.linux.netns.NetworkNamespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Reads and changes the network configuration of one namespace.
 *
 * <p>Usable from any thread, by one at a time, as {@link NetlinkSocket} is. Changes throw {@link
 * NetlinkException} when the kernel refuses; lists are empty where there is nothing.
 */
public final class RouteSocket implements AutoCloseable {
  private final NetlinkSocket socket;

  private RouteSocket(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** Opens a socket in the namespace of the calling thread. */
  public static RouteSocket open() {
    return new RouteSocket(NetlinkSocket.open(NetlinkProtocol.ROUTE));
  }

  /**
   * Opens a socket in the namespace of the calling thread for a few requests: it takes a third of
   * the time, and long listings may not fit its buffer.
   */
  public static RouteSocket openSmall() {
    return new RouteSocket(NetlinkSocket.open(NetlinkProtocol.ROUTE, NetlinkBuffers.SMALL));
  }

  /**
   * Opens a socket in {@code namespace}, to be used from anywhere, even after the handle is closed.
   */
  public static RouteSocket openIn(NetworkNamespace namespace) {
    return new RouteSocket(namespace.socket(NetlinkProtocol.ROUTE));
  }

  /** Carries out all changes and says which failed. */
  public BatchResult execute(RouteBatch batch) {
    return socket.execute(batch.messages());
  }

  /**
   * Carries out all changes.
   *
   * @throws NetlinkException the first failure, after all were tried; the others are suppressed in
   *     it
   */
  public void apply(RouteBatch batch) {
    execute(batch).throwIfFailed();
  }

  /** Makes a link and returns it as the kernel made it, with one send. */
  public Link create(NewLink link) {
    RouteBatch batch = new RouteBatch().create(link);
    batch.get(LinkRef.named(link.name()));
    List<Link> found = new ArrayList<>();
    BatchResult result =
        socket.execute(
            batch.messages(), (index, message) -> RouteDecoders.LINK.decode(message, found::add));
    // Only the creation counts: after EEXIST the answer shows the link that was there before.
    result.failure(0).ifPresent(RouteSocket::raise);
    result.throwIfFailed();
    return found.getFirst();
  }

  public void change(LinkRef link, LinkChange change) {
    apply(new RouteBatch().change(link, change));
  }

  /**
   * @return false if there was no such link
   */
  public boolean delete(LinkRef link) {
    return unlessNotFound(new RouteBatch().delete(link));
  }

  /**
   * Deletes all links of a group at once; see {@link RouteBatch#deleteGroup}.
   *
   * @return false if the group was empty
   */
  public boolean deleteGroup(int group) {
    return unlessNotFound(new RouteBatch().deleteGroup(group));
  }

  /** Adds what must not be there yet. */
  public void add(NetworkObject object) {
    apply(new RouteBatch().add(object));
  }

  /**
   * @return false if the kernel holds something under the same key already; it may differ in the
   *     rest
   */
  public boolean addIfAbsent(NetworkObject object) {
    Optional<NetlinkException> failure = execute(new RouteBatch().add(object)).failure(0);
    failure.filter(e -> !e.isExists()).ifPresent(RouteSocket::raise);
    return failure.isEmpty();
  }

  /** Adds or overwrites; see {@link RouteBatch#replace}. */
  public void replace(NetworkObject object) {
    apply(new RouteBatch().replace(object));
  }

  /**
   * @return false if it was not there
   */
  public boolean delete(NetworkObject object) {
    return unlessNotFound(new RouteBatch().delete(object));
  }

  private boolean unlessNotFound(RouteBatch batch) {
    Optional<NetlinkException> failure = execute(batch).failure(0);
    failure.filter(e -> !e.isNotFound()).ifPresent(RouteSocket::raise);
    return failure.isEmpty();
  }

  private static void raise(NetlinkException failure) {
    throw failure;
  }

  public Optional<Link> link(String name) {
    return get(LinkRef.named(name));
  }

  public Optional<Link> link(int index) {
    return get(LinkRef.of(index));
  }

  private Optional<Link> get(LinkRef link) {
    RouteBatch batch = new RouteBatch();
    batch.get(link);
    List<Link> found = new ArrayList<>();
    BatchResult result =
        socket.execute(
            batch.messages(), (index, message) -> RouteDecoders.LINK.decode(message, found::add));
    result.failure(0).filter(e -> !e.isNotFound()).ifPresent(RouteSocket::raise);
    return found.stream().findFirst();
  }

  /** All links, by index. */
  public List<Link> links() {
    return socket.dump(
        Rtnetlink.GETLINK, () -> "list links", LinkCodec::writeList, RouteDecoders.LINK);
  }

  /** The addresses of all links, both families. */
  public List<Address> addresses() {
    return addresses(0);
  }

  /** The addresses of one link, both families; none if there is no such link. */
  public List<Address> addresses(int link) {
    List<Address> all =
        orEmpty(() ->
            socket.dump(
                Rtnetlink.GETADDR,
                () -> "list addresses",
                w -> AddressCodec.writeList(w, link),
                RouteDecoders.ADDRESS));
    return link == 0 ? all : all.stream().filter(a -> a.link() == link).toList();
  }

  /**
   * The addresses of all links of another namespace, both families; none if there is no such
   * namespace any more. Needs CAP_NET_ADMIN there, which whoever has it here has in namespaces made
   * by containers.
   *
   * @param namespace as {@link Link#peerNamespace} says
   */
  public List<Address> addressesIn(int namespace) {
    try {
      return socket.dump(
          Rtnetlink.GETADDR,
          () -> "list addresses of namespace " + namespace,
          w -> AddressCodec.writeListIn(w, namespace),
          RouteDecoders.ADDRESS);
    } catch (NetlinkException e) {
      // So the kernel answers for an id that is not given out.
      if (e.isInvalid()) {
        return List.of();
      }
      throw e;
    }
  }

  /** The routes that match; none if the table does not exist. */
  public List<Route> routes(RouteFilter filter) {
    List<Route> routes = new ArrayList<>();
    for (AddressFamily family : filter.families()) {
      routes.addAll(
          orEmpty(() ->
              socket.dump(
                  Rtnetlink.GETROUTE,
                  () -> "list routes",
                  w -> RouteCodec.writeList(w, family, filter),
                  RouteDecoders.ROUTE)));
    }
    return routes.stream().filter(filter::matches).toList();
  }

  /** The rules of both families, each in the order the kernel walks them. */
  public List<Rule> rules() {
    List<Rule> rules = new ArrayList<>();
    for (AddressFamily family : AddressFamily.values()) {
      rules.addAll(rules(family));
    }
    return rules;
  }

  public List<Rule> rules(AddressFamily family) {
    return socket.dump(
        Rtnetlink.GETRULE,
        () -> "list rules",
        w -> RuleCodec.writeList(w, family),
        RouteDecoders.RULE);
  }

  /** The neighbours of all links, both families, without proxy entries. */
  public List<Neighbor> neighbors() {
    return neighbors(OptionalInt.empty(), false);
  }

  /** The neighbours of one link, both families, without proxy entries. */
  public List<Neighbor> neighbors(int link) {
    return neighbors(OptionalInt.of(link), false);
  }

  /** The proxy entries of all links, both families. */
  public List<Neighbor> proxies() {
    return neighbors(OptionalInt.empty(), true);
  }

  private List<Neighbor> neighbors(OptionalInt link, boolean proxies) {
    List<Neighbor> neighbors = new ArrayList<>();
    for (AddressFamily family : AddressFamily.values()) {
      neighbors.addAll(
          orEmpty(() ->
              socket.dump(
                  Rtnetlink.GETNEIGH,
                  () -> "list neighbours",
                  w -> NeighborCodec.writeList(w, family, link, proxies),
                  RouteDecoders.NEIGHBOR)));
    }
    return neighbors.stream()
        .filter(n -> n.proxy() == proxies && (link.isEmpty() || link.getAsInt() == n.link()))
        .toList();
  }

  /** The forwarding entries of one VXLAN device or bridge port. */
  public List<FdbEntry> fdb(int link) {
    return orEmpty(() ->
            socket.dump(
                Rtnetlink.GETNEIGH,
                () -> "list forwarding entries of link " + link,
                w -> NeighborCodec.writeFdbList(w, link),
                RouteDecoders.FDB))
        .stream()
        .filter(e -> e.link() == link)
        .toList();
  }

  /** A filter that names a table or link which does not exist is answered ENOENT or ENODEV. */
  private static <T> List<T> orEmpty(Supplier<List<T>> list) {
    try {
      return list.get();
    } catch (NetlinkException e) {
      if (e.isNotFound()) {
        return List.of();
      }
      throw e;
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
