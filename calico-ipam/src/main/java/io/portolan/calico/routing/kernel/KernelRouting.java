package io.portolan.calico.routing.kernel;

import io.portolan.calico.routing.RoutingChange;
import io.portolan.calico.routing.RoutingObject;
import io.portolan.calico.routing.RoutingState;
import io.portolan.calico.routing.TunnelLink;
import io.portolan.linux.netlink.NetlinkException;
import io.portolan.linux.nft.NftOutcome;
import io.portolan.linux.nft.NftTables;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.route.Address;
import io.portolan.linux.route.Link;
import io.portolan.linux.route.LinkChange;
import io.portolan.linux.route.LinkKind;
import io.portolan.linux.route.LinkRef;
import io.portolan.linux.route.MacAddress;
import io.portolan.linux.route.NetworkObject;
import io.portolan.linux.route.NewLink;
import io.portolan.linux.route.RouteBatch;
import io.portolan.linux.route.RouteSocket;
import io.portolan.linux.sysctl.Sysctl;
import io.portolan.linux.sysctl.SysctlException;
import io.portolan.linux.sysctl.SysctlKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The kernel of the namespace it was opened in. Used by one thread.
 *
 * <pre>
 *   routes           protocol 113, metric 2000: a pod's own route is always preferred
 *   tunnel devices   link group 0x7074; also Calico's of the same names, once they are wanted
 *   on those         every address of global scope, permanent neighbour and forwarding entry
 *   packet rules     table inet portolan-routing
 * </pre>
 */
public final class KernelRouting {
  private final RouteSocket socket;
  private final NftTables tables;

  /** Both stay the caller's to close. */
  public KernelRouting(RouteSocket socket, NftTables tables) {
    this.socket = socket;
    this.tables = tables;
  }

  /** What of ours there is, and what stands where {@code planned} wants something. */
  public RoutingState observe(RoutingState planned) {
    return new Observation(socket, tables).of(planned);
  }

  /** Whether IPIP devices can be made; loads the kernel's module if there is one. */
  public boolean hasIpip() {
    if (socket.link(TunnelLink.IPIP).isPresent()) {
      return true;
    }
    try {
      socket.create(ipip(TunnelLink.IPIP));
      return true;
    } catch (NetlinkException e) {
      // With the module comes the device.
      return e.isExists();
    }
  }

  /**
   * Carries out all changes.
   *
   * @return what failed, in words; the rest is done
   */
  public List<String> apply(List<RoutingChange> changes) {
    List<String> failures = new ArrayList<>();
    Map<String, Integer> devices = new HashMap<>();
    List<RoutingChange> waiting = new ArrayList<>();
    for (RoutingChange change : changes) {
      if (!(change instanceof RoutingChange.Put || change instanceof RoutingChange.Remove)) {
        send(waiting, devices, failures);
      }
      try {
        switch (change) {
          case RoutingChange.Rules rules -> rules(rules).ifPresent(failures::add);
          case RoutingChange.Make(TunnelLink link, boolean anew) -> make(link, anew);
          case RoutingChange.Adjust(TunnelLink link) -> adjust(link);
          case RoutingChange.RemoveLink(String name) -> remove(name);
          case RoutingChange.Put(RoutingObject.Setting setting) ->
              Sysctl.write(new SysctlKey(setting.path()), setting.value());
          case RoutingChange.Put _, RoutingChange.Remove _ -> waiting.add(change);
        }
      } catch (NetlinkException | SysctlException | MissingDevice e) {
        failures.add(change + ": " + e.getMessage());
      }
    }
    send(waiting, devices, failures);
    return failures;
  }

  private Optional<String> rules(RoutingChange.Rules change) {
    NftTransaction transaction =
        change
            .after()
            .map(after ->
                change
                    .before()
                    .filter(after::sameShapeAs)
                    .map(before -> PacketTable.difference(before, after))
                    .orElseGet(() -> PacketTable.whole(after)))
            .orElseGet(() -> NftTransaction.on(PacketTable.TABLE).destroyTable().build());
    NftOutcome outcome = tables.commit(transaction);
    return outcome.isCommitted() ? Optional.empty() : Optional.of(change + ": " + outcome);
  }

  private void make(TunnelLink link, boolean anew) {
    if (anew) {
      socket.delete(LinkRef.named(link.name()));
    }
    switch (link) {
      case TunnelLink.Vxlan vxlan -> {
        int parent =
            socket
                .link(vxlan.parent())
                .orElseThrow(() -> new MissingDevice(vxlan.parent()))
                .index();
        socket.create(
            NewLink.of(
                    vxlan.name(),
                    new LinkKind.Vxlan(
                        vxlan.vni(),
                        vxlan.port(),
                        Optional.of(vxlan.local().toInetAddress()),
                        OptionalInt.of(parent),
                        false))
                .withMac(new MacAddress(vxlan.mac().bits()))
                .withMtu(vxlan.mtu())
                .withGroup(Ownership.LINK_GROUP)
                .withUp());
      }
      case TunnelLink.Ipip tunnel -> {
        try {
          socket.create(ipip(tunnel.name()));
        } catch (NetlinkException e) {
          if (!e.isExists()) {
            throw e;
          }
        }
        adjust(tunnel);
      }
      case TunnelLink.Unusable _ -> throw new IllegalArgumentException(link + " is never planned");
    }
  }

  private static NewLink ipip(String name) {
    return NewLink.of(
        name, new LinkKind.IpIp(Optional.empty(), Optional.empty(), OptionalInt.empty()));
  }

  private void adjust(TunnelLink link) {
    int mtu =
        switch (link) {
          case TunnelLink.Vxlan vxlan -> vxlan.mtu();
          case TunnelLink.Ipip tunnel -> tunnel.mtu();
          case TunnelLink.Unusable _ ->
              throw new IllegalArgumentException(link + " is never planned");
        };
    socket.change(
        LinkRef.named(link.name()), LinkChange.UP.withMtu(mtu).withGroup(Ownership.LINK_GROUP));
  }

  private void remove(String name) {
    if (!name.equals(TunnelLink.IPIP)) {
      socket.delete(LinkRef.named(name));
      return;
    }
    // The kernel's own device stays for as long as the module does.
    Optional<Link> link = socket.link(name);
    if (link.isPresent()) {
      RouteBatch batch = new RouteBatch();
      for (Address address : socket.addresses(link.get().index())) {
        batch.delete(address);
      }
      batch.change(link.get().ref(), LinkChange.DOWN.withGroup(0));
      socket.apply(batch);
    }
  }

  /** Sends and empties what waits. */
  private void send(
      List<RoutingChange> waiting, Map<String, Integer> devices, List<String> failures) {
    if (waiting.isEmpty()) {
      return;
    }
    devices.clear();
    socket.links().forEach(link -> devices.put(link.name(), link.index()));
    RouteBatch batch = new RouteBatch();
    List<RoutingChange> sent = new ArrayList<>();
    for (RoutingChange change : waiting) {
      RoutingObject object =
          change instanceof RoutingChange.Put(RoutingObject put)
              ? put
              : ((RoutingChange.Remove) change).object();
      Optional<NetworkObject> form = KernelForm.of(object, devices);
      if (form.isPresent()) {
        sent.add(change);
        if (change instanceof RoutingChange.Put) {
          batch.replace(form.get());
        } else {
          batch.delete(form.get());
        }
      } else if (change instanceof RoutingChange.Put) {
        failures.add(change + ": there is no such device");
      }
    }
    waiting.clear();
    socket
        .execute(batch)
        .failures()
        .forEach((index, failure) -> {
          RoutingChange change = sent.get(index);
          if (change instanceof RoutingChange.Put || !failure.isNotFound()) {
            failures.add(change + ": " + failure.getMessage());
          }
        });
  }

  /** The device that a tunnel is to lead through has gone. */
  private static final class MissingDevice extends RuntimeException {
    private static final long serialVersionUID = 1;

    MissingDevice(String name) {
      super("there is no device " + name);
    }
  }
}
