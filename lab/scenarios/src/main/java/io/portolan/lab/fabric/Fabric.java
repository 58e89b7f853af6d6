package io.portolan.lab.fabric;

import static java.util.Objects.requireNonNull;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.lab.fabric.FabricState.Change;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.kernel.KernelNftTables;
import io.portolan.linux.route.Address;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.LinkChange;
import io.portolan.linux.route.LinkRef;
import io.portolan.linux.route.MacAddress;
import io.portolan.linux.route.Neighbor;
import io.portolan.linux.route.NewLink;
import io.portolan.linux.route.Route;
import io.portolan.linux.route.RouteSocket;
import io.portolan.linux.route.VethPeer;
import io.portolan.linux.sysctl.Sysctl;
import io.portolan.linux.sysctl.SysctlKey;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The network under the nodes, in a namespace of its own: a router with one cable per attached
 * cloud interface.
 *
 * <p>It answers ARP for everything it can route elsewhere (proxy ARP), as a VPC does, and addresses
 * packets to an interface's MAC whatever IP address they are for. One thread owns the state;
 * callers wait for it, so that a cloud API call that assigns an address answers after packets flow.
 */
public final class Fabric implements AutoCloseable {
  /** Jumbo frames, as a VPC carries inside a region. */
  public static final int MTU = 9001;

  private final NetworkNamespace namespace;
  private final RouteSocket routes;
  private final KernelNftTables filter;
  private final ExecutorService owner =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("fabric").daemon().factory());
  private final Map<String, NetworkNamespace> machines = new TreeMap<>();
  private List<Port> attached = List.of();
  private FabricState state = FabricState.EMPTY;

  private Fabric(NetworkNamespace namespace) {
    this.namespace = namespace;
    this.routes = RouteSocket.openIn(namespace);
    this.filter = KernelNftTables.open(namespace);
  }

  /** Makes a router of an empty namespace. */
  public static Fabric start(NetworkNamespace namespace) {
    Fabric fabric = new Fabric(namespace);
    fabric.routes.change(LinkRef.named("lo"), LinkChange.UP);
    Sysctl.write(namespace, SysctlKey.of("ipv4", "ip_forward"), "1");
    for (String scope : List.of("all", "default")) {
      // Which source may come from where is FabricGuard's business, not reverse path's.
      Sysctl.write(namespace, SysctlKey.ipv4(scope, "rp_filter"), "0");
      Sysctl.write(namespace, SysctlKey.ipv4(scope, "send_redirects"), "0");
      Sysctl.write(namespace, SysctlKey.ipv6(scope, "disable_ipv6"), "1");
    }
    fabric.filter.commit(FabricGuard.skeleton());
    return fabric;
  }

  /** The namespace, for servers that nodes reach through the fabric. */
  public NetworkNamespace namespace() {
    return namespace;
  }

  /** Adds a machine; its interfaces are plugged in at once. */
  public void addMachine(String instanceId, NetworkNamespace machine) {
    await(() -> {
      machines.put(instanceId, machine);
      reconcile();
    });
  }

  /** Follows the cloud: these interfaces are attached now, and nothing else. */
  public void follow(Collection<Port> ports) {
    await(() -> {
      attached = List.copyOf(ports);
      reconcile();
    });
  }

  /** Answers for an address itself, for a server in {@link #namespace}. */
  public void serveAt(IpAddress address) {
    await(() -> addToLoopback(address));
  }

  /**
   * Connects the world outside the VPC.
   *
   * @param outside its namespace; its end of the cable is {@code eth0}
   * @param network the network between, such as 198.51.100.0/24: the fabric is its first address,
   *     the world its tenth
   * @param vpc what the world reaches through the fabric
   */
  public void connectWorld(NetworkNamespace outside, Cidr network, Cidr vpc) {
    await(() -> {
      int near =
          veth(FabricGuard.GATEWAY_DEVICE, VethPeer.named("eth0").withMtu(1500).in(outside), 1500);
      routes.add(Address.of(near, prefix(network.address(1), network.prefixLength())));
      try (RouteSocket far = RouteSocket.openIn(outside)) {
        far.change(LinkRef.named("lo"), LinkChange.UP);
        int link = far.link("eth0").orElseThrow().index();
        far.change(LinkRef.of(link), LinkChange.UP);
        far.add(Address.of(link, prefix(network.address(10), network.prefixLength())));
        far.add(Route.to(prefix(vpc)).via(network.address(1).toInetAddress()).dev(link));
      }
    });
  }

  /** Gives an address a way to the world, as an elastic or public address does. */
  public void publish(IpAddress address) {
    await(() -> commit(FabricGuard.publish(address)));
  }

  private void reconcile() {
    FabricState next =
        FabricState.of(
            attached.stream().filter(port -> machines.containsKey(port.instanceId())).toList());
    for (Change change : state.to(next)) {
      apply(change);
    }
    state = next;
  }

  private void apply(Change change) {
    switch (change) {
      case Change.RemoveSource remove -> commit(FabricGuard.refuse(remove.source()));
      case Change.RemoveUnchecked remove -> commit(FabricGuard.distrust(remove.device()));
      case Change.RemoveRoute remove -> routes.delete(route(remove.route()));
      case Change.Unplug unplug -> routes.delete(LinkRef.named(unplug.port().fabricDevice()));
      case Change.AddGateway add -> addToLoopback(add.address());
      case Change.Plug plug -> plug(plug.port());
      case Change.AddRoute add -> routes.replace(route(add.route()));
      case Change.AddUnchecked add -> commit(FabricGuard.trust(add.device()));
      case Change.AddSource add -> commit(FabricGuard.allow(add.source()));
    }
  }

  private void plug(Port port) {
    MacAddress mac = MacAddress.of(port.mac().bytes());
    VethPeer machineEnd =
        VethPeer.named(port.nodeDevice())
            .withMac(mac)
            .withMtu(MTU)
            .in(requireNonNull(machines.get(port.instanceId())));
    int link = veth(port.fabricDevice(), machineEnd, MTU);
    routes.replace(Neighbor.permanent(link, port.primary().toInetAddress(), mac));
  }

  private int veth(String device, VethPeer peer, int mtu) {
    int link = routes.create(NewLink.veth(device, peer).withMtu(mtu).withUp()).index();
    Sysctl.write(namespace, SysctlKey.ipv4(device, "proxy_arp"), "1");
    Sysctl.write(namespace, SysctlKey.of("ipv4", "neigh", device, "proxy_delay"), "0");
    return link;
  }

  private Route route(FabricState.Route route) {
    int link = routes.link(route.device()).orElseThrow().index();
    IpPrefix destination = prefix(route.block());
    return route.block().isSingleAddress() && route.block().network().equals(route.via())
        ? Route.onLink(destination, link)
        : Route.to(destination).via(route.via().toInetAddress()).dev(link).withOnlink();
  }

  private void addToLoopback(IpAddress address) {
    int loopback = routes.link("lo").orElseThrow().index();
    routes.addIfAbsent(Address.of(loopback, prefix(address.toCidr())));
  }

  private void commit(NftTransaction transaction) {
    filter.commit(transaction);
  }

  private static IpPrefix prefix(Cidr block) {
    return prefix(block.network(), block.prefixLength());
  }

  private static IpPrefix prefix(IpAddress address, int length) {
    return new IpPrefix(address.toInetAddress(), length);
  }

  private void await(Runnable step) {
    CompletableFuture.runAsync(step, owner).join();
  }

  @Override
  public void close() {
    owner.close();
    routes.close();
    filter.close();
    namespace.close();
  }
}
