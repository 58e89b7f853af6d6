package io.portolan.calico.node;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.calico.routing.RoutingSnapshot.NodeAddress;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.common.net.MacAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What Calico keeps of a node as annotations of its Node object (Calico, {@code
 * libcalico-go/lib/backend/k8s/resources/node.go}). A node without them is met at its InternalIP,
 * in a subnet of its own.
 *
 * @param annotated families whose address is an annotation
 * @param addresses where the node is met
 * @param asNumber of its own
 * @param clusterId of a route reflector
 */
record CalicoNode(
    String name,
    Map<String, String> labels,
    Map<IpFamily, NodeAddress> addresses,
    Map<IpFamily, Boolean> annotated,
    OptionalLong asNumber,
    Optional<IpAddress> clusterId) {
  static final String PREFIX = "projectcalico.org/";
  private static final String AS_NUMBER = PREFIX + "ASNumber";
  private static final String CLUSTER_ID = PREFIX + "RouteReflectorClusterID";

  CalicoNode {
    labels = Map.copyOf(labels);
    addresses = Map.copyOf(addresses);
    annotated = Map.copyOf(annotated);
  }

  static String addressKey(IpFamily family) {
    return PREFIX + (family == IpFamily.IPV4 ? "IPv4Address" : "IPv6Address");
  }

  static String vxlanAddressKey(IpFamily family) {
    return PREFIX + (family == IpFamily.IPV4 ? "IPv4VXLANTunnelAddr" : "IPv6VXLANTunnelAddr");
  }

  private static String vxlanMacKey(IpFamily family) {
    return PREFIX + (family == IpFamily.IPV4 ? "VXLANTunnelMACAddr" : "VXLANTunnelMACAddrV6");
  }

  /** Annotations that cannot be read count as absent. */
  static CalicoNode of(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    JsonNode annotations = metadata.path("annotations");
    Map<IpFamily, NodeAddress> addresses = new EnumMap<>(IpFamily.class);
    Map<IpFamily, Boolean> annotated = new EnumMap<>(IpFamily.class);
    for (IpFamily family : IpFamily.values()) {
      String text = annotations.path(addressKey(family)).asText();
      Optional<IpAddress> address =
          read(text.split("/", 2)[0], IpAddress::parse).filter(a -> a.family() == family);
      int length =
          read(
                  text.indexOf('/') < 0 ? "" : text.substring(text.indexOf('/') + 1),
                  Integer::parseInt)
              .filter(l -> l >= 0 && l <= family.bits())
              .orElse(family.bits());
      annotated.put(family, address.isPresent());
      address
          .or(() -> internal(object, family))
          .ifPresent(a ->
              addresses.put(
                  family,
                  new NodeAddress(
                      a,
                      length,
                      address(annotations, vxlanAddressKey(family), family),
                      read(annotations.path(vxlanMacKey(family)).asText(), MacAddress::parse),
                      family == IpFamily.IPV4
                          ? address(annotations, PREFIX + "IPv4IPIPTunnelAddr", family)
                          : Optional.empty())));
    }
    Map<String, String> labels = new TreeMap<>();
    metadata
        .path("labels")
        .properties()
        .forEach(e -> labels.put(e.getKey(), e.getValue().asText()));
    return new CalicoNode(
        metadata.path("name").asText(),
        labels,
        addresses,
        annotated,
        read(annotations.path(AS_NUMBER).asText(), Long::parseLong)
            .filter(n -> n > 0 && n <= 0xffff_ffffL)
            .map(OptionalLong::of)
            .orElse(OptionalLong.empty()),
        address(annotations, CLUSTER_ID, IpFamily.IPV4));
  }

  private static Optional<IpAddress> address(JsonNode annotations, String key, IpFamily family) {
    return read(annotations.path(key).asText(), IpAddress::parse).filter(a -> a.family() == family);
  }

  private static Optional<IpAddress> internal(JsonNode object, IpFamily family) {
    for (JsonNode each : object.path("status").path("addresses")) {
      if (each.path("type").asText().equals("InternalIP")) {
        Optional<IpAddress> address =
            read(each.path("address").asText(), IpAddress::parse).filter(a -> a.family() == family);
        if (address.isPresent()) {
          return address;
        }
      }
    }
    return Optional.empty();
  }

  private static <T> Optional<T> read(String text, Function<String, T> reader) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(reader.apply(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
