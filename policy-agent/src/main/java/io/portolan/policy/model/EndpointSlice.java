package io.portolan.policy.model;

import io.portolan.common.net.IpAddress;
import java.util.List;

/**
 * Some of the endpoints of a service; ready or not, as Calico takes them.
 *
 * @param name its own, in the namespace of the service
 * @param addresses of the endpoints
 * @param ports that each of them has
 */
public record EndpointSlice(
    ServiceName service, String name, List<IpAddress> addresses, List<Port> ports) {
  public EndpointSlice {
    addresses = addresses.stream().distinct().sorted().toList();
    ports = ports.stream().distinct().toList();
  }

  /** A port that endpoints listen on, which need not be the service's. */
  public record Port(Protocol protocol, int number) {}
}
