package io.portolan.node.dataplane;

import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.linux.netlink.BatchResult;
import io.portolan.linux.netlink.NetlinkException;
import io.portolan.linux.netns.NamespaceException;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.route.Address;
import io.portolan.linux.route.AddressFamily;
import io.portolan.linux.route.AddressFlag;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.Link;
import io.portolan.linux.route.LinkChange;
import io.portolan.linux.route.LinkRef;
import io.portolan.linux.route.MacAddress;
import io.portolan.linux.route.Neighbor;
import io.portolan.linux.route.NewLink;
import io.portolan.linux.route.Route;
import io.portolan.linux.route.RouteBatch;
import io.portolan.linux.route.RouteFilter;
import io.portolan.linux.route.RouteSocket;
import io.portolan.linux.route.RouteTable;
import io.portolan.linux.route.Rule;
import io.portolan.linux.route.Scope;
import io.portolan.linux.route.VethPeer;
import io.portolan.linux.sysctl.Sysctl;
import io.portolan.linux.sysctl.SysctlKey;
import io.portolan.node.endpoint.Attachment;
import io.portolan.node.endpoint.Ownership;
import io.portolan.node.endpoint.PodMac;
import io.portolan.node.ipam.Supply;
import io.portolan.node.routing.EniTables;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Pod links as Calico makes them: a veth, a /32 (/128) on the pod's end, a link-local next hop with
 * a permanent neighbour on either side, so that no ARP is ever needed, and a host route.
 *
 * <pre>
 *   pod                                   host
 *   eth0  10.0.1.5/32                     eni0123456789a  ee:ee:ee:ee:ee:ee, no address
 *   default via 169.254.1.1 dev eth0      10.0.1.5 dev eni0123456789a scope link proto 112
 *   169.254.1.1 lladdr ee:ee:… PERMANENT  10.0.1.5 lladdr 0a:58:… PERMANENT
 * </pre>
 *
 * <p>Crash order of {@link #wire}: the link first, with its group and alias (a link without a
 * holding in the journal cannot be, the journal was written before), the pod's inside next, the
 * host route last: until then nothing can reach the pod. Of {@link #unwire}: routes and rules
 * first, then the link goes down and into the doomed group, which is deleted as a whole.
 */
public final class KernelPods implements PodDataplane, AutoCloseable {
  private static final IpPrefix ANY_V4 = IpPrefix.ALL_IPV4;
  private static final IpPrefix ANY_V6 = IpPrefix.ALL_IPV6;
  static final IpAddress NEXT_HOP_V4 = IpAddress.parse("169.254.1.1");
  static final IpAddress NEXT_HOP_V6 = IpAddress.parse("fe80::1");

  /**
   * A veth passes packets on in the sender's context and gains nothing from more queues; by default
   * it would have one per processor.
   */
  private static final int QUEUES = 1;

  private final SocketPool sockets;
  private final LinkReaper reaper;
  private final NetworkNamespace host;
  private final Supplier<Integer> uplinkMtu;

  /**
   * @param uplinkMtu MTU of the interface pod packets leave by
   */
  public KernelPods(SocketPool sockets, LinkReaper reaper, Supplier<Integer> uplinkMtu) {
    this.sockets = sockets;
    this.reaper = reaper;
    this.host = NetworkNamespace.current();
    this.uplinkMtu = uplinkMtu;
  }

  @Override
  public WiringOutcome wire(
      Attachment attachment, Supply supply, OptionalInt requestedMtu, Runnable closed) {
    int mtu = requestedMtu.orElseGet(uplinkMtu::get);
    try (NetworkNamespace pod = NetworkNamespace.open(Path.of(attachment.netns()))) {
      if (pod.isSameAs(host)) {
        return new WiringOutcome.NotAContainer(
            attachment.netns(), "it is the node's own network namespace");
      }
      try {
        Optional<Link> link = createLink(attachment, pod, mtu);
        if (link.isEmpty()) {
          return new WiringOutcome.InterfaceExists(attachment.id().ifName());
        }
        int peer = link.get().peer().orElseThrow();
        closed.run();
        pod.visit(host, () -> configurePod(attachment, peer));
        sockets.use(socket -> connectHost(socket, attachment, link.get().index(), supply));
        return new WiringOutcome.Wired(mtu);
      } catch (NetlinkException e) {
        unwire(attachment);
        return new WiringOutcome.Refused(e.getMessage() + "");
      }
    } catch (NamespaceException e) {
      return e.reason() == NamespaceException.Reason.MISSING
          ? new WiringOutcome.NoNamespace(attachment.netns())
          : new WiringOutcome.NotAContainer(attachment.netns(), e.getMessage() + "");
    }
  }

  /** Empty if the container has an interface of the name already. */
  private Optional<Link> createLink(Attachment attachment, NetworkNamespace pod, int mtu) {
    NewLink link =
        NewLink.veth(
                attachment.hostInterface(),
                VethPeer.named(attachment.id().ifName())
                    .withMac(mac(attachment))
                    .withMtu(mtu)
                    .withQueues(QUEUES)
                    .in(pod))
            .withMac(hostMac())
            .withMtu(mtu)
            .withQueues(QUEUES)
            .withGroup(Ownership.LINK_GROUP)
            .withUp();
    Link made;
    try {
      made = sockets.call(socket -> socket.create(link));
    } catch (NetlinkException e) {
      if (!e.isExists() || !removeStale(attachment)) {
        if (e.isExists()) {
          return Optional.empty();
        }
        throw e;
      }
      try {
        made = sockets.call(socket -> socket.create(link));
      } catch (NetlinkException again) {
        if (again.isExists()) {
          return Optional.empty();
        }
        throw again;
      }
    }
    return Optional.of(made);
  }

  /**
   * A link of the name may be left of the pod's previous sandbox, waiting for the reaper or never
   * taken away by the runtime. It is ours to delete; a stranger's is not.
   */
  private boolean removeStale(Attachment attachment) {
    return sockets.call(socket -> {
      Optional<Link> link = socket.link(attachment.hostInterface());
      if (link.isPresent() && !isOurs(link.get())) {
        return false;
      }
      // Where there is none, the reaper was faster.
      link.ifPresent(stale -> socket.delete(stale.ref()));
      return true;
    });
  }

  private static boolean isOurs(Link link) {
    return link.group() == Ownership.LINK_GROUP || link.group() == Ownership.DOOMED_GROUP;
  }

  /** Runs in the pod's namespace. */
  private static void configurePod(Attachment attachment, int link) {
    String ifName = attachment.id().ifName();
    RouteBatch batch = new RouteBatch().change(LinkRef.named("lo"), LinkChange.UP);
    boolean v6 = attachment.addresses().stream().anyMatch(IpAddress::isIpv6);
    if (v6) {
      // Runtimes start sandboxes with IPv6 off where the node has it off by default. The next hop
      // is
      // a permanent neighbour, so nothing is asked of the link before the pod may send.
      Sysctl.write(SysctlKey.ipv6(ifName, "disable_ipv6"), "0");
      Sysctl.write(SysctlKey.ipv6(ifName, "accept_dad"), "0");
      Sysctl.write(SysctlKey.ipv6(ifName, "accept_ra"), "0");
    }
    batch.change(LinkRef.of(link), LinkChange.UP);
    for (IpAddress address : attachment.addresses()) {
      Address own = Address.of(link, IpPrefix.of(address.toInetAddress()));
      IpAddress hop = address.isIpv4() ? NEXT_HOP_V4 : NEXT_HOP_V6;
      batch.add(address.isIpv4() ? own : own.withFlags(Set.of(AddressFlag.NO_DAD)));
      batch.replace(Neighbor.permanent(link, hop.toInetAddress(), hostMac()));
      // The second interface of a container finds the first one's routes in its way.
      boolean first = ifName.equals("eth0");
      if (address.isIpv4()) {
        Route onLink = Route.onLink(IpPrefix.of(hop.toInetAddress()), link);
        batch.replace(first ? onLink : onLink.withMetric(1024 + link));
      }
      Route route = Route.to(address.isIpv4() ? ANY_V4 : ANY_V6).via(hop.toInetAddress()).dev(link);
      batch.add(first ? route : route.withMetric(1024 + link));
      if (!first) {
        // Sent by the first interface, what is from this address would count as forged.
        batch.replace(route.withOnlink().withTable(1024 + link));
        batch.add(sourceRule(address, link));
      }
    }
    try (RouteSocket socket = RouteSocket.openSmall()) {
      socket.apply(batch);
    }
  }

  /** By which an interface other than the first sends what is from its address. */
  static Rule sourceRule(IpAddress address, int link) {
    AddressFamily family = address.isIpv4() ? AddressFamily.INET : AddressFamily.INET6;
    return Rule.lookup(family, EniTables.FROM_POD, 1024 + link)
        .withFrom(IpPrefix.of(address.toInetAddress()));
  }

  /** A rule that is there already was made by the routing of the whole node a moment ago. */
  private static void connectHost(
      RouteSocket socket, Attachment attachment, int link, Supply supply) {
    // The alias goes with the routes to save a round trip: until then the journal and the group
    // tell
    // whose the link is.
    RouteBatch batch =
        new RouteBatch()
            .change(LinkRef.of(link), LinkChange.NONE.withAlias(Ownership.alias(attachment)));
    for (IpAddress address : attachment.addresses()) {
      batch.replace(Neighbor.permanent(link, address.toInetAddress(), mac(attachment)));
      EniTables.podRules(address, supply).forEach(batch::add);
      batch.replace(hostRoute(address).dev(link).withScope(scope(address)));
    }
    raise(socket.execute(batch), e -> !e.isExists());
  }

  private static Scope scope(IpAddress address) {
    return address.isIpv4() ? Scope.LINK : Scope.UNIVERSE;
  }

  private static Route hostRoute(IpAddress address) {
    return Route.to(IpPrefix.of(address.toInetAddress())).withProtocol(Ownership.PROTOCOL);
  }

  @Override
  public void unwire(Attachment attachment) {
    sockets.use(socket -> {
      RouteBatch batch = new RouteBatch();
      for (IpAddress address : attachment.addresses()) {
        batch.delete(hostRoute(address).withScope(scope(address)));
      }
      Optional<Link> link = socket.link(attachment.hostInterface());
      boolean doomed = link.isPresent() && Ownership.isOf(link.get().alias(), attachment.id());
      // A link that was cut off before its alias is named by its group and by the journal.
      boolean nameless = link.isPresent() && link.get().alias().isEmpty() && isOurs(link.get());
      if (doomed || nameless) {
        batch.change(link.get().ref(), LinkChange.DOWN.withGroup(Ownership.DOOMED_GROUP));
      }
      tolerateMissing(socket.execute(batch));
      removeRules(socket, attachment);
    });
    reaper.wake();
  }

  private static void removeRules(RouteSocket socket, Attachment attachment) {
    RouteBatch batch = new RouteBatch();
    for (Rule rule : socket.rules()) {
      if (rule.protocol() == Ownership.PROTOCOL
          && attachment.addresses().stream()
              .map(a -> IpPrefix.of(a.toInetAddress()))
              .anyMatch(pod ->
                  rule.to().equals(Optional.of(pod)) || rule.from().equals(Optional.of(pod)))) {
        batch.delete(rule);
      }
    }
    if (!batch.isEmpty()) {
      tolerateMissing(socket.execute(batch));
    }
  }

  private static void tolerateMissing(BatchResult result) {
    raise(result, e -> !e.isNotFound());
  }

  private static void raise(BatchResult result, Predicate<NetlinkException> serious) {
    for (NetlinkException failure : result.failures().values()) {
      if (serious.test(failure)) {
        throw failure;
      }
    }
  }

  @Override
  public List<String> defects(Attachment attachment, Supply supply, Set<IpFamily> defaults) {
    return sockets.call(socket -> new Inspection(attachment, supply, defaults).defects(socket));
  }

  @Override
  public List<Attachment> found() {
    List<Link> links =
        sockets.call(
            s -> s.links().stream().filter(l -> l.group() == Ownership.LINK_GROUP).toList());
    Map<Integer, List<IpAddress>> addresses = new TreeMap<>();
    for (Route route :
        sockets.call(s ->
            s.routes(
                RouteFilter.ALL.withTable(RouteTable.MAIN).withProtocol(Ownership.PROTOCOL)))) {
      if (route.link().isPresent() && route.destination().isSingleAddress()) {
        addresses
            .computeIfAbsent(route.link().getAsInt(), key -> new ArrayList<>())
            .add(IpAddress.of(route.destination().address()));
      }
    }
    List<Attachment> found = new ArrayList<>();
    for (Link link : links) {
      List<IpAddress> own = addresses.getOrDefault(link.index(), List.of());
      Ownership.id(link.alias())
          .filter(id -> !own.isEmpty())
          .ifPresent(id ->
              found.add(
                  new Attachment(
                      id,
                      Ownership.pod(link.alias()),
                      "",
                      link.name(),
                      own.stream().sorted().toList())));
    }
    return found;
  }

  @Override
  public boolean exists(Attachment attachment) {
    return sockets
        .call(socket -> socket.link(attachment.hostInterface()))
        .filter(link -> link.group() == Ownership.LINK_GROUP)
        .filter(link -> Ownership.isOf(link.alias(), attachment.id()))
        .isPresent();
  }

  @Override
  public void repair(Attachment attachment, Supply supply) {
    sockets.use(socket ->
        socket
            .link(attachment.hostInterface())
            .ifPresent(link -> connectHost(socket, attachment, link.index(), supply)));
  }

  private static MacAddress mac(Attachment attachment) {
    return new MacAddress(PodMac.of(attachment.addresses()).bits());
  }

  private static MacAddress hostMac() {
    return new MacAddress(PodMac.HOST.bits());
  }

  @Override
  public void close() {
    reaper.close();
    host.close();
    sockets.close();
  }
}
