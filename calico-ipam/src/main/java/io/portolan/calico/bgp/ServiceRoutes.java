package io.portolan.calico.bgp;

import io.portolan.calico.bgp.BgpSnapshot.Service;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.util.Collection;
import java.util.List;
import java.util.SequencedSet;
import java.util.TreeSet;

/**
 * Which addresses of Services a node announces (Calico, {@code
 * confd/pkg/backends/calico/routes.go}): configured blocks whole; single addresses where an
 * endpoint is on the node and only those may be sent to, where the block is configured as a single
 * address, or where blocks are not aggregated.
 */
final class ServiceRoutes {
  /** A node with this label takes no traffic from outside (well-known label of Kubernetes). */
  static final String EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers";

  private ServiceRoutes() {}

  static SequencedSet<Cidr> of(BgpConfiguration configuration, List<Service> services) {
    TreeSet<Cidr> routes = new TreeSet<>(configuration.clusterIps());
    several(configuration.externalIps(), routes);
    if (configuration.aggregated()) {
      several(configuration.loadBalancerIps(), routes);
    }
    for (Service service : services) {
      if (isAnnounced(configuration, service)) {
        if (!configuration.clusterIps().isEmpty()) {
          service.clusterIps().forEach(a -> routes.add(a.toCidr()));
        }
        within(configuration.externalIps(), service.externalIps(), routes);
        within(configuration.loadBalancerIps(), service.loadBalancerIps(), routes);
      }
    }
    return routes;
  }

  private static boolean isAnnounced(BgpConfiguration configuration, Service service) {
    if (service.local()) {
      return service.readyHere();
    }
    if (service.balanced()
        && isSingle(configuration.loadBalancerIps(), service.loadBalancerIps())) {
      return true;
    }
    if (isSingle(configuration.externalIps(), service.externalIps())) {
      return true;
    }
    return !configuration.aggregated() && service.ready();
  }

  private static boolean isSingle(List<Cidr> blocks, List<IpAddress> addresses) {
    return addresses.stream().anyMatch(a -> blocks.contains(a.toCidr()));
  }

  private static void several(List<Cidr> blocks, Collection<Cidr> routes) {
    blocks.stream().filter(b -> !b.isSingleAddress()).forEach(routes::add);
  }

  private static void within(
      List<Cidr> blocks, List<IpAddress> addresses, Collection<Cidr> routes) {
    addresses.stream()
        .filter(a -> blocks.stream().anyMatch(b -> b.contains(a)))
        .forEach(a -> routes.add(a.toCidr()));
  }
}
