package io.portolan.calico.routing.kernel;

import io.portolan.calico.routing.RoutingSnapshot;
import io.portolan.calico.routing.Topology;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.route.Address;
import io.portolan.linux.route.AddressFlag;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.Link;
import io.portolan.linux.route.LinkChange;
import io.portolan.linux.route.LinkKind;
import io.portolan.linux.route.LinkRef;
import io.portolan.linux.route.NewLink;
import io.portolan.linux.route.Route;
import io.portolan.linux.route.RouteSocket;
import io.portolan.linux.route.VethPeer;
import io.portolan.linux.sysctl.Sysctl;
import io.portolan.linux.sysctl.SysctlKey;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Machines as namespaces, two subnets as bridges of a namespace that routes between them, pods as
 * namespaces behind machines. The router knows no pod addresses.
 */
public final class Machines implements AutoCloseable {
  private final NetworkNamespace fabric = namespace();
  private final Map<String, NetworkNamespace> machines = new LinkedHashMap<>();
  private final Map<String, NetworkNamespace> pods = new LinkedHashMap<>();
  private final Map<String, NodeRoutes> routes = new LinkedHashMap<>();
  private int links;

  private static NetworkNamespace namespace() {
    NetworkNamespace made = NetworkNamespace.anonymous();
    Sysctl.write(made, SysctlKey.ipv6("default", "accept_dad"), "0");
    try (RouteSocket socket = RouteSocket.openIn(made)) {
      socket.change(LinkRef.of(1), LinkChange.UP);
    }
    return made;
  }

  public Machines() {
    forwarding(fabric);
  }

  private static void forwarding(NetworkNamespace namespace) {
    Sysctl.write(namespace, SysctlKey.of("ipv4", "ip_forward"), "1");
    Sysctl.write(namespace, SysctlKey.of("ipv6", "conf", "all", "forwarding"), "1");
  }

  /** A subnet of the fabric, with the router at {@code gateways}. */
  public Machines subnet(String bridge, String... gateways) {
    try (RouteSocket socket = RouteSocket.openIn(fabric)) {
      Link link = socket.create(NewLink.of(bridge, new LinkKind.Bridge()).withUp());
      Sysctl.write(fabric, SysctlKey.ipv6(bridge, "accept_dad"), "0");
      for (String gateway : gateways) {
        socket.add(address(link, gateway));
      }
    }
    return this;
  }

  private static Address address(Link link, String text) {
    IpPrefix prefix = IpPrefix.parse(text);
    Address address = Address.of(link.index(), prefix);
    return text.contains(":") ? address.withFlags(Set.of(AddressFlag.NO_DAD)) : address;
  }

  /**
   * A machine in a subnet.
   *
   * @param gateway and address, one of each for every family it is to have
   */
  public Machines machine(String name, String bridge, Map<String, String> gateway) {
    NetworkNamespace machine = namespace();
    machines.put(name, machine);
    Sysctl.write(machine, SysctlKey.of("ipv4", "conf", "default", "rp_filter"), "1");
    try (RouteSocket outside = RouteSocket.openIn(fabric);
        RouteSocket inside = RouteSocket.openIn(machine)) {
      Link port =
          outside.create(
              NewLink.veth("port" + links++, VethPeer.named("eth0").in(machine)).withUp());
      outside.change(
          port.ref(), LinkChange.NONE.withMaster(outside.link(bridge).orElseThrow().index()));
      Link eth0 = inside.link("eth0").orElseThrow();
      inside.change(eth0.ref(), LinkChange.UP);
      gateway.forEach((own, router) -> {
        inside.add(address(eth0, own));
        inside.add(
            Route.to(router.contains(":") ? IpPrefix.ALL_IPV6 : IpPrefix.ALL_IPV4)
                .via(InetAddress.ofLiteral(router))
                .dev(eth0.index()));
      });
    }
    routes.put(name, machine.call(NodeRoutes::new));
    return this;
  }

  /** A pod behind a machine, wired as Calico wires pods. */
  public void pod(String name, String machine, String... addresses) {
    NetworkNamespace pod = namespace();
    pods.put(name, pod);
    NetworkNamespace node = in(machine);
    try (RouteSocket outside = RouteSocket.openIn(node);
        RouteSocket inside = RouteSocket.openIn(pod)) {
      Link host =
          outside.create(NewLink.veth("eni" + name, VethPeer.named("eth0").in(pod)).withUp());
      Link eth0 = inside.link("eth0").orElseThrow();
      inside.change(eth0.ref(), LinkChange.UP);
      Sysctl.write(node, SysctlKey.ipv4(host.name(), "proxy_arp"), "1");
      Sysctl.write(node, SysctlKey.of("ipv4", "neigh", host.name(), "proxy_delay"), "0");
      outside.add(address(host, "fe80::1234/64"));
      for (String text : addresses) {
        boolean v6 = text.contains(":");
        inside.add(address(eth0, text));
        InetAddress gateway = InetAddress.ofLiteral(v6 ? "fe80::1234" : "169.254.1.1");
        if (!v6) {
          inside.add(Route.onLink(IpPrefix.of(gateway), eth0.index()));
        }
        inside.add(
            Route.to(v6 ? IpPrefix.ALL_IPV6 : IpPrefix.ALL_IPV4).via(gateway).dev(eth0.index()));
        outside.add(Route.onLink(IpPrefix.parse(text), host.index()));
      }
    }
  }

  /** Brings every machine to what it plans in the topology; changes it took, by machine. */
  public Map<String, Integer> reconcile(Topology topology) {
    Map<String, Integer> changes = new LinkedHashMap<>();
    machines.keySet().forEach(m -> changes.put(m, reconcile(m, topology.seenFrom(m))));
    return changes;
  }

  public int reconcile(String machine, RoutingSnapshot snapshot) {
    NodeRoutes.Outcome outcome = in(machine).call(() -> routesOf(machine).reconcile(snapshot));
    if (!outcome.failures().isEmpty()) {
      throw new AssertionError(machine + ": " + outcome.failures());
    }
    return outcome.changes();
  }

  /** The machine's process dies and starts again. */
  public void restart(String machine) {
    routesOf(machine).close();
    routes.put(machine, in(machine).call(NodeRoutes::new));
  }

  public NetworkNamespace in(String name) {
    NetworkNamespace found = machines.getOrDefault(name, pods.get(name));
    return Objects.requireNonNull(found, name);
  }

  private NodeRoutes routesOf(String machine) {
    return Objects.requireNonNull(routes.get(machine), machine);
  }

  public NetworkNamespace fabric() {
    return fabric;
  }

  /** Whether an echo request is answered. */
  public boolean reaches(String from, String to) {
    return exit(in(from), "ping", "-n", "-c", "1", "-W", "1", to) == 0;
  }

  /** What a program prints, errors included. */
  public String run(String in, String... command) {
    return output(in(in), command);
  }

  public String sh(String in, String line) {
    return run(in, line.split(" "));
  }

  private static int exit(NetworkNamespace namespace, String... command) {
    try {
      Process process =
          namespace.call(() ->
              new ProcessBuilder(command)
                  .redirectErrorStream(true)
                  .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                  .start());
      return process.waitFor();
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  public static String output(NetworkNamespace namespace, String... command) {
    try {
      Process process =
          namespace.call(() -> new ProcessBuilder(command).redirectErrorStream(true).start());
      process.getOutputStream().close();
      try (InputStream output = process.getInputStream()) {
        String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
        int exit = process.waitFor();
        if (exit != 0) {
          throw new AssertionError(List.of(command) + " exited with " + exit + ": " + text);
        }
        return text.lines().map(String::stripTrailing).collect(Collectors.joining("\n"));
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    routes.values().forEach(NodeRoutes::close);
    pods.values().forEach(NetworkNamespace::close);
    machines.values().forEach(NetworkNamespace::close);
    fabric.close();
  }
}
