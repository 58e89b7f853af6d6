package io.portolan.lab.scenario;

import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.route.Address;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.LinkChange;
import io.portolan.linux.route.LinkRef;
import io.portolan.linux.route.Route;
import io.portolan.linux.route.RouteSocket;
import io.portolan.linux.sysctl.Sysctl;
import io.portolan.linux.sysctl.SysctlKey;

/** What a machine image does at boot: DHCP on the primary interface, loopback, forwarding. */
final class MachineBoot {
  private MachineBoot() {}

  static void configurePrimary(NetworkNamespace namespace, AwsAccount.Machine machine) {
    try (RouteSocket routes = RouteSocket.openIn(namespace)) {
      routes.change(LinkRef.named("lo"), LinkChange.UP);
      int link = routes.link("ens5").orElseThrow().index();
      routes.change(LinkRef.of(link), LinkChange.UP);
      routes.add(
          Address.of(
              link,
              new IpPrefix(machine.address().toInetAddress(), machine.subnet().prefixLength())));
      routes.add(
          Route.to(IpPrefix.ALL_IPV4).via(machine.subnet().address(1).toInetAddress()).dev(link));
    }
    // The kubelet requires it of every node.
    Sysctl.write(namespace, SysctlKey.of("ipv4", "ip_forward"), "1");
  }
}
