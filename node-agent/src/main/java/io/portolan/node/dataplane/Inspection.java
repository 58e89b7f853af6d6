package io.portolan.node.dataplane;

import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.linux.netlink.NetlinkException;
import io.portolan.linux.netns.NamespaceException;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.Link;
import io.portolan.linux.route.MacAddress;
import io.portolan.linux.route.Neighbor;
import io.portolan.linux.route.Route;
import io.portolan.linux.route.RouteFilter;
import io.portolan.linux.route.RouteSocket;
import io.portolan.linux.route.RouteTable;
import io.portolan.linux.route.Rule;
import io.portolan.linux.sysctl.Sysctl;
import io.portolan.linux.sysctl.SysctlException;
import io.portolan.linux.sysctl.SysctlKey;
import io.portolan.node.endpoint.Attachment;
import io.portolan.node.endpoint.Ownership;
import io.portolan.node.endpoint.PodMac;
import io.portolan.node.ipam.Supply;
import io.portolan.node.routing.EniTables;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Compares an attachment in the kernel with what {@link KernelPods#wire} makes. What a container
 * has besides, by other plugins or its own doing, is nobody's business here.
 */
final class Inspection {
  private final Attachment attachment;
  private final Supply supply;
  private final Set<IpFamily> defaults;
  private final List<String> defects = new ArrayList<>();

  /** See {@link PodDataplane#defects}. */
  Inspection(Attachment attachment, Supply supply, Set<IpFamily> defaults) {
    this.attachment = attachment;
    this.supply = supply;
    this.defaults = defaults;
  }

  /**
   * @param host a socket in the node's namespace
   */
  List<String> defects(RouteSocket host) {
    inspectHost(host);
    try (NetworkNamespace pod = NetworkNamespace.open(Path.of(attachment.netns()));
        RouteSocket inside = RouteSocket.openIn(pod)) {
      inspectPod(pod, inside);
    } catch (NamespaceException | NetlinkException e) {
      defects.add("the network namespace cannot be entered: " + e.getMessage());
    }
    return List.copyOf(defects);
  }

  private void inspectHost(RouteSocket host) {
    String name = attachment.hostInterface();
    if (!Sysctl.read(SysctlKey.of("ipv4", "ip_forward")).equals("1")) {
      defects.add("net.ipv4.ip_forward of the node is off");
    }
    Optional<Link> found = host.link(name);
    if (found.isEmpty() || !Ownership.isOf(found.get().alias(), attachment.id())) {
      defects.add("the host interface " + name + " is missing");
      return;
    }
    Link link = found.get();
    inspectLink(link, name, new MacAddress(PodMac.HOST.bits()));
    List<Route> routes =
        host.routes(RouteFilter.ALL.withTable(RouteTable.MAIN).withLink(link.index()));
    List<Neighbor> neighbors = host.neighbors(link.index());
    List<Rule> rules = host.rules();
    for (IpAddress address : attachment.addresses()) {
      IpPrefix prefix = IpPrefix.of(address.toInetAddress());
      if (routes.stream().noneMatch(r -> r.destination().equals(prefix))) {
        defects.add("the host's route to " + address + " is missing");
      }
      if (!neighbors.contains(Neighbor.permanent(link.index(), address.toInetAddress(), mac()))) {
        defects.add("the host's neighbour entry of " + address + " is missing or wrong");
      }
      for (Rule rule : EniTables.podRules(address, supply)) {
        if (!rules.contains(rule)) {
          defects.add("the node's " + rule + " is missing");
        }
      }
    }
  }

  private void inspectLink(Link link, String name, MacAddress mac) {
    if (!link.isUp()) {
      defects.add(name + " is down");
    }
    if (!link.mac().equals(Optional.of(mac))) {
      defects.add(name + " has not the MAC address " + mac);
    }
  }

  private void inspectPod(NetworkNamespace pod, RouteSocket inside) {
    String ifName = attachment.id().ifName();
    Optional<Link> found = inside.link(ifName);
    if (found.isEmpty()) {
      defects.add("the container has no interface " + ifName);
      return;
    }
    Link link = found.get();
    inspectLink(link, ifName, mac());
    List<Neighbor> neighbors = inside.neighbors(link.index());
    List<Route> routes =
        inside.routes(RouteFilter.ALL.withTable(RouteTable.MAIN).withLink(link.index()));
    for (IpAddress address : attachment.addresses()) {
      IpPrefix prefix = IpPrefix.of(address.toInetAddress());
      if (inside.addresses(link.index()).stream().noneMatch(a -> a.prefix().equals(prefix))) {
        defects.add(ifName + " has not the address " + prefix);
      }
      InetAddress hop =
          (address.isIpv4() ? KernelPods.NEXT_HOP_V4 : KernelPods.NEXT_HOP_V6).toInetAddress();
      if (!neighbors.contains(
          Neighbor.permanent(link.index(), hop, new MacAddress(PodMac.HOST.bits())))) {
        defects.add(
            "the container's neighbour entry of its next hop "
                + hop.getHostAddress()
                + " is missing or wrong");
      }
      IpPrefix all = address.isIpv4() ? IpPrefix.ALL_IPV4 : IpPrefix.ALL_IPV6;
      if (defaults.contains(address.family())
          && routes.stream()
              .noneMatch(
                  r -> r.destination().equals(all) && r.gateway().equals(Optional.of(hop)))) {
        defects.add("the container's default route by " + hop.getHostAddress() + " is missing");
      }
    }
    if (!ifName.equals("eth0")) {
      inspectSourceRules(inside.rules(), link.index());
    }
    if (attachment.addresses().stream().anyMatch(IpAddress::isIpv6)) {
      inspectIpv6(pod, ifName);
    }
  }

  private void inspectSourceRules(List<Rule> rules, int link) {
    for (IpAddress address : attachment.addresses()) {
      if (!rules.contains(KernelPods.sourceRule(address, link))) {
        defects.add("the container's rule for packets from " + address + " is missing");
      }
    }
  }

  private void inspectIpv6(NetworkNamespace pod, String ifName) {
    try {
      if (!Sysctl.read(pod, SysctlKey.ipv6(ifName, "disable_ipv6")).equals("0")) {
        defects.add("net.ipv6.conf." + ifName + ".disable_ipv6 of the container is on");
      }
    } catch (SysctlException e) {
      defects.add(e.getMessage() + "");
    }
  }

  private MacAddress mac() {
    return new MacAddress(PodMac.of(attachment.addresses()).bits());
  }
}
