package io.portolan.node.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What an attachment consists of: the specification's success result, apart from how a version
 * writes it.
 *
 * @param interfaces host's and container's ends
 * @param ips addresses, each on one of {@code interfaces}
 * @param routes routes inside the container
 * @param dns passed through as configured
 * @param prevResult what earlier plugins of the chain reported; written before what is ours
 */
public record CniResult(
    List<Interface> interfaces,
    List<Ip> ips,
    List<Route> routes,
    Optional<JsonNode> dns,
    Optional<ObjectNode> prevResult) {
  public CniResult {
    interfaces = List.copyOf(interfaces);
    ips = List.copyOf(ips);
    routes = List.copyOf(routes);
  }

  /**
   * @param name name of the interface
   * @param mac hardware address, empty if not known
   * @param mtu MTU in bytes, written from version 1.1.0 on
   * @param sandbox path of the network namespace; empty for an interface of the host
   */
  public record Interface(String name, String mac, OptionalInt mtu, String sandbox) {}

  /**
   * @param address the address
   * @param prefixLength the length it is configured with
   * @param gateway next hop of the default route
   * @param interfaceIndex index into {@link CniResult#interfaces()}
   */
  public record Ip(
      IpAddress address,
      int prefixLength,
      Optional<IpAddress> gateway,
      OptionalInt interfaceIndex) {}

  /**
   * @param destination where to
   * @param gateway next hop
   */
  public record Route(Cidr destination, Optional<IpAddress> gateway) {}
}
