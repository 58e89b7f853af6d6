package io.portolan.calico.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.portolan.calico.bgp.BgpObjects;
import io.portolan.calico.bgp.BgpProblem;
import io.portolan.calico.bgp.BgpSnapshot;
import io.portolan.calico.bgp.BirdRenderer;
import io.portolan.calico.routing.RoutingSnapshot;
import io.portolan.common.kube.KubeEvent;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** From objects as the API server has them to what BIRD is told. */
class BgpStateTest {
  private static final YAMLMapper YAML = new YAMLMapper();

  private final ClusterState cluster = new ClusterState();
  private final BgpState bgp = new BgpState();

  private static JsonNode object(String yaml) {
    try {
      return YAML.readTree(yaml);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(yaml, e);
    }
  }

  private static <T> KubeEvent<Followed.Named<T>> one(String name, T value) {
    return new KubeEvent.Synced<>(List.of(new Followed.Named<>(name, value)));
  }

  private BgpSnapshot snapshot(List<BgpProblem> problems) {
    RoutingSnapshot routing =
        new RoutingSnapshot(
            "node1",
            List.of(),
            List.of(),
            List.of(new RoutingSnapshot.Block(Cidr.parse("10.0.1.0/26"), "node1")),
            List.of(
                new RoutingSnapshot.Borrowed(IpAddress.parse("10.0.9.1"), "node1"),
                new RoutingSnapshot.Borrowed(IpAddress.parse("10.0.9.2"), "node2")),
            Map.of(),
            List.of(),
            RoutingSnapshot.Settings.DEFAULT);
    return bgp.snapshot(cluster, routing, problems);
  }

  private static String service(String type, String policy) {
    return """
    metadata: {namespace: shop, name: web}
    spec:
      type: %s
      clusterIPs: [10.96.0.1, None]
      externalIPs: [203.0.113.7]
      externalTrafficPolicy: %s
    status: {loadBalancer: {ingress: [{ip: 198.51.100.1}, {hostname: somewhere}]}}
    """
        .formatted(type, policy);
  }

  private static String slice(String conditions, String node) {
    return """
    metadata: {namespace: shop, name: x, labels: {kubernetes.io/service-name: web}}
    endpoints: [{nodeName: %s, conditions: {%s}}]
    """
        .formatted(node, conditions);
  }

  @Test
  void servicesAreReadyWhereTheirEndpointsAre() {
    bgp.services.take(one("a", ServiceView.of(object(service("LoadBalancer", "Local")))));
    bgp.endpoints.take(one("b", ServiceView.Ready.of(object(slice("", "node1")))));

    assertThat(snapshot(new ArrayList<>()).services())
        .containsExactly(
            new BgpSnapshot.Service(
                "shop/web",
                List.of(IpAddress.parse("10.96.0.1")),
                List.of(IpAddress.parse("203.0.113.7")),
                List.of(IpAddress.parse("198.51.100.1")),
                true,
                true,
                true,
                true));
    bgp.endpoints.take(one("b", ServiceView.Ready.of(object(slice("ready: false", "node1")))));
    assertThat(snapshot(new ArrayList<>()).services().getFirst().ready()).isFalse();
    bgp.endpoints.take(one("b", ServiceView.Ready.of(object(slice("ready: true", "node2")))));
    assertThat(snapshot(new ArrayList<>()).services().getFirst().readyHere()).isFalse();
    bgp.services.take(one("a", ServiceView.of(object(service("ExternalName", "Cluster")))));
    assertThat(snapshot(new ArrayList<>()).services()).isEmpty();
  }

  @Test
  void whatIsWrongLeavesTheRestAsItWas() {
    bgp.configurations.take(
        one("default", object("{metadata: {name: default}, spec: {asNumber: 64600}}")));
    bgp.peers.take(
        one("p", BgpObjects.peer(object("{metadata: {name: p}, spec: {peerIP: x, asNumber: 1}}"))));
    List<BgpProblem> problems = new ArrayList<>();
    assertThat(snapshot(problems).configuration().asNumber()).isEqualTo(64600);
    assertThat(problems).extracting(BgpProblem::object).containsExactly("BGPPeer p");

    bgp.configurations.take(
        one("default", object("{metadata: {name: default}, spec: {asNumber: none}}")));
    problems.clear();
    BgpSnapshot snapshot = snapshot(problems);
    assertThat(snapshot.configuration().asNumber()).isEqualTo(64600);
    assertThat(problems)
        .extracting(BgpProblem::object)
        .containsExactly("BGPConfiguration default", "BGPPeer p");
    assertThat(snapshot.borrowed()).containsExactly(IpAddress.parse("10.0.9.1"));
    assertThat(BirdRenderer.render(snapshot).text()).contains("route 10.0.9.1/32 blackhole");
  }
}
