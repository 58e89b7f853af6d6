package io.portolan.calico.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.portolan.calico.model.ApiGroup;
import io.portolan.calico.model.BlockAffinity;
import io.portolan.calico.model.Codec;
import io.portolan.calico.model.Codecs;
import io.portolan.calico.routing.RoutingPlan;
import io.portolan.calico.routing.RoutingPlanner;
import io.portolan.calico.routing.RoutingSnapshot.Settings;
import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.ObjectKey;
import io.portolan.common.net.IpAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** From objects as the API server has them to what is planned. */
class ClusterStateTest {
  private static final YAMLMapper YAML = new YAMLMapper();

  private final ClusterState cluster = new ClusterState();

  private static ObjectNode object(String yaml) {
    try {
      return (ObjectNode) YAML.readTree(yaml);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(yaml, e);
    }
  }

  private static <T> T read(Codec<T> codec, String yaml) {
    return codec.decode(object(yaml), ApiGroup.PROJECT_CALICO).understood().orElseThrow().value();
  }

  private static <T> KubeEvent<Followed.Named<T>> all(List<T> values) {
    return new KubeEvent.Synced<>(
        IntStream.range(0, values.size())
            .mapToObj(i -> new Followed.Named<>("o" + i, values.get(i)))
            .toList());
  }

  private static CalicoNode node(String name, String annotations, String internal) {
    return CalicoNode.of(
        object(
            """
            metadata: {name: %s, labels: {rack: a}, annotations: {%s}}
            status: {addresses: [{type: Hostname, address: x}, {type: InternalIP, address: "%s"}]}
            """
                .formatted(name, annotations, internal)));
  }

  private String planned(Map<IpAddress, LocalAddress> devices) {
    Optional<RoutingPlan> plan =
        cluster.routing("node1", devices, Settings.DEFAULT).map(RoutingPlanner::plan);
    return plan.map(p -> p.state() + "\n" + p.problems()).orElse("nothing");
  }

  @Test
  void objectsBecomeRoutes() {
    cluster.nodes.take(
        all(
            List.of(
                node("node1", "projectcalico.org/IPv4VXLANTunnelAddr: 10.0.1.0", "192.168.1.1"),
                node(
                    "node2",
                    "projectcalico.org/IPv4Address: 192.168.1.2/24,"
                        + " projectcalico.org/IPv4VXLANTunnelAddr: 10.0.2.0,"
                        + " projectcalico.org/VXLANTunnelMACAddr: '66:00:00:00:00:02'",
                    "172.16.0.2"),
                node(
                    "node3",
                    "projectcalico.org/IPv4VXLANTunnelAddr: 10.0.3.0,"
                        + " projectcalico.org/IPv4Address: nonsense",
                    "192.168.1.3"))));
    assertThat(planned(Map.of())).isEqualTo("nothing");
    cluster.pools.take(
        all(
            List.of(
                read(
                    Codecs.POOL,
                    """
                    metadata: {name: p}
                    spec: {cidr: 10.0.0.0/16, vxlanMode: CrossSubnet, natOutgoing: true}
                    """),
                read(
                    Codecs.POOL,
                    """
                    metadata: {name: balancers}
                    spec: {cidr: 10.9.0.0/16, allowedUses: [LoadBalancer]}
                    """))));
    cluster.affinities.take(
        all(
            List.of(
                affinity("10.0.1.0/26", "node1", "confirmed", "host"),
                affinity("10.0.2.0/26", "node2", "confirmed", "host"),
                affinity("10.0.3.0/26", "node3", "confirmed", "host"),
                affinity("10.0.4.0/26", "node3", "pending", "host"),
                affinity("10.9.0.0/26", "load-balancer", "confirmed", "virtual"))));
    cluster.blocks.take(
        all(
            List.of(
                BlockView.of(
                    read(
                        Codecs.BLOCK,
                        """
                        metadata: {name: 10-0-2-0-30}
                        spec:
                          cidr: 10.0.2.0/30
                          affinity: host:node2
                          allocations: [0, null, 1, null]
                          unallocated: [1, 3]
                          attributes:
                            - {handle_id: a, secondary: {node: node2, pod: x}}
                            - {handle_id: b, secondary: {node: node3, pod: y}}
                          sequenceNumber: 1
                        """)))));

    // Node 2 is near by its annotation; node 3 has none that can be read and counts as far.
    assertThat(planned(Map.of(IpAddress.parse("192.168.1.1"), new LocalAddress(24, "ens5", 9001))))
        .isEqualTo(
            """
            rules masqueraded [10.0.0.0/16] natives [10.0.0.0/16]
                  pods [10.0.0.0/16] senders [192.168.1.1/32, 192.168.1.2/31]
                  tunnels [vxlan.calico 10.0.1.0] vxlan 4789
            link vxlan.calico vxlan id 4096 dstport 4789 local 192.168.1.1 dev ens5 address 66:f9:37:c3:7e:94 mtu 8951
            setting ipv4/conf/ens5/rp_filter = 2
            setting ipv4/conf/vxlan.calico/rp_filter = 2
            setting ipv4/ip_forward = 1
            address 10.0.1.0 dev vxlan.calico
            neighbour 10.0.2.0 dev vxlan.calico lladdr 66:00:00:00:00:02
            neighbour 10.0.3.0 dev vxlan.calico lladdr 66:a4:6f:e0:c4:da
            fdb 66:00:00:00:00:02 dev vxlan.calico dst 192.168.1.2
            fdb 66:a4:6f:e0:c4:da dev vxlan.calico dst 192.168.1.3
            route blackhole 10.0.1.0/26
            route 10.0.2.0/26 via 192.168.1.2 dev ens5 onlink
            route 10.0.2.2/32 via 10.0.3.0 dev vxlan.calico onlink
            route 10.0.3.0/26 via 10.0.3.0 dev vxlan.calico onlink
            []\
            """);
  }

  private static BlockAffinity affinity(String cidr, String node, String state, String type) {
    return read(
        Codecs.AFFINITY,
        """
        metadata: {name: a}
        spec: {cidr: %s, node: %s, state: %s, type: %s, deleted: false}
        """
            .formatted(cidr, node, state, type));
  }

  @Test
  void whatChangesNothingIsNoChange() {
    Followed<String> followed = new Followed<>();
    KubeEvent<Followed.Named<String>> one = new KubeEvent.Upsert<>(new Followed.Named<>("a", "x"));

    assertThat(followed.take(new KubeEvent.Synced<>(List.of()))).isTrue();
    assertThat(followed.take(new KubeEvent.Synced<>(List.of()))).isFalse();
    assertThat(followed.take(one)).isTrue();
    assertThat(followed.take(one)).isFalse();
    assertThat(followed.take(new KubeEvent.Disconnected<>("away"))).isFalse();
    assertThat(followed.take(new KubeEvent.Delete<>(new ObjectKey("", "b"), ""))).isFalse();
    assertThat(followed.take(new KubeEvent.Delete<>(new ObjectKey("", "a"), ""))).isTrue();
    assertThat(followed.all()).isEmpty();
  }
}
