package io.portolan.calico.node;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What BGP needs of a Service.
 *
 * @param key namespace and name
 * @param balanced whether of type LoadBalancer
 * @param local whether {@code externalTrafficPolicy: Local}
 */
record ServiceView(
    String key,
    List<IpAddress> clusterIps,
    List<IpAddress> externalIps,
    List<IpAddress> loadBalancerIps,
    boolean balanced,
    boolean local) {
  private static final Set<String> TYPES = Set.of("ClusterIP", "NodePort", "LoadBalancer");

  ServiceView {
    clusterIps = List.copyOf(clusterIps);
    externalIps = List.copyOf(externalIps);
    loadBalancerIps = List.copyOf(loadBalancerIps);
  }

  /** Whether it has addresses of its own. */
  boolean isAddressed() {
    return !clusterIps.isEmpty();
  }

  static ServiceView of(JsonNode object) {
    JsonNode spec = object.path("spec");
    String type = spec.path("type").asText("ClusterIP");
    List<IpAddress> cluster = new ArrayList<>();
    if (TYPES.contains(type)) {
      spec.path("clusterIPs").forEach(ip -> add(ip, cluster));
    }
    List<IpAddress> external = new ArrayList<>();
    spec.path("externalIPs").forEach(ip -> add(ip, external));
    List<IpAddress> balancers = new ArrayList<>();
    object
        .path("status")
        .path("loadBalancer")
        .path("ingress")
        .forEach(each -> add(each.path("ip"), balancers));
    return new ServiceView(
        object.path("metadata").path("namespace").asText()
            + "/"
            + object.path("metadata").path("name").asText(),
        cluster,
        external,
        balancers,
        type.equals("LoadBalancer"),
        spec.path("externalTrafficPolicy").asText().equals("Local"));
  }

  private static void add(JsonNode text, List<IpAddress> all) {
    try {
      all.add(IpAddress.parse(text.asText()));
    } catch (IllegalArgumentException e) {
      // "None", or a host name: nothing that could be announced.
    }
  }

  /**
   * Where a slice of a Service's endpoints is ready.
   *
   * @param service namespace and name
   * @param nodes names of nodes with ready endpoints
   */
  record Ready(String service, Set<String> nodes) {
    Ready {
      nodes = Set.copyOf(nodes);
    }

    static Ready of(JsonNode slice) {
      JsonNode metadata = slice.path("metadata");
      Set<String> nodes = new TreeSet<>();
      for (JsonNode endpoint : slice.path("endpoints")) {
        if (endpoint.path("conditions").path("ready").asBoolean(true) && endpoint.has("nodeName")) {
          nodes.add(endpoint.path("nodeName").asText());
        }
      }
      return new Ready(
          metadata.path("namespace").asText()
              + "/"
              + metadata.path("labels").path("kubernetes.io/service-name").asText(),
          nodes);
    }
  }
}
