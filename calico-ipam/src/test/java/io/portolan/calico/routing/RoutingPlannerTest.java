package io.portolan.calico.routing;

import static io.portolan.calico.routing.Encapsulation.ALWAYS;
import static io.portolan.calico.routing.Encapsulation.CROSS_SUBNET;
import static io.portolan.calico.routing.Encapsulation.NEVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.calico.routing.RoutingSnapshot.Settings;
import io.portolan.common.net.IpFamily;
import org.junit.jupiter.api.Test;

class RoutingPlannerTest {
  /** Nodes 1 and 2 share a subnet, node 3 is in another. */
  private static Topology threeNodes() {
    return new Topology()
        .vxlanNode("node1", "192.168.1.1/24", "10.0.1.0")
        .vxlanNode("node2", "192.168.1.2/24", "10.0.2.0")
        .vxlanNode("node3", "192.168.2.3/24", "10.0.3.0")
        .block("10.0.1.0/26", "node1")
        .block("10.0.2.0/26", "node2")
        .block("10.0.3.0/26", "node3");
  }

  @Test
  void macAddressesFollowCalicosRule() {
    assertThat(VxlanMac.of("node1", IpFamily.IPV4)).hasToString("66:f9:37:c3:7e:94");
    assertThat(VxlanMac.of("node1", IpFamily.IPV6))
        .isNotEqualTo(VxlanMac.of("node1", IpFamily.IPV4));
  }

  @Test
  void vxlanAlways() {
    Topology cluster = threeNodes().vxlanPool("10.0.0.0/16", ALWAYS);

    assertThat(cluster.planOf("node1"))
        .isEqualTo(
            """
            rules masqueraded [] natives []
                  pods [10.0.0.0/16] senders [192.168.1.1/32, 192.168.1.2/32, 192.168.2.3/32]
                  tunnels [vxlan.calico 10.0.1.0] vxlan 4789
            link vxlan.calico vxlan id 4096 dstport 4789 local 192.168.1.1 dev eth0 address 66:f9:37:c3:7e:94 mtu 1450
            setting ipv4/conf/eth0/rp_filter = 2
            setting ipv4/conf/vxlan.calico/rp_filter = 2
            setting ipv4/ip_forward = 1
            address 10.0.1.0 dev vxlan.calico
            neighbour 10.0.2.0 dev vxlan.calico lladdr 66:2d:bf:44:a6:8b
            neighbour 10.0.3.0 dev vxlan.calico lladdr 66:a4:6f:e0:c4:da
            fdb 66:2d:bf:44:a6:8b dev vxlan.calico dst 192.168.1.2
            fdb 66:a4:6f:e0:c4:da dev vxlan.calico dst 192.168.2.3
            route blackhole 10.0.1.0/26
            route 10.0.2.0/26 via 10.0.2.0 dev vxlan.calico onlink
            route 10.0.3.0/26 via 10.0.3.0 dev vxlan.calico onlink
            pod mtu 1450
            """
                .strip());
  }

  @Test
  void vxlanAcrossSubnets() {
    Topology cluster = threeNodes().vxlanPool("10.0.0.0/16", CROSS_SUBNET);

    assertThat(cluster.planOf("node1"))
        .isEqualTo(
            """
            rules masqueraded [] natives []
                  pods [10.0.0.0/16] senders [192.168.1.1/32, 192.168.1.2/32, 192.168.2.3/32]
                  tunnels [vxlan.calico 10.0.1.0] vxlan 4789
            link vxlan.calico vxlan id 4096 dstport 4789 local 192.168.1.1 dev eth0 address 66:f9:37:c3:7e:94 mtu 1450
            setting ipv4/conf/eth0/rp_filter = 2
            setting ipv4/conf/vxlan.calico/rp_filter = 2
            setting ipv4/ip_forward = 1
            address 10.0.1.0 dev vxlan.calico
            neighbour 10.0.2.0 dev vxlan.calico lladdr 66:2d:bf:44:a6:8b
            neighbour 10.0.3.0 dev vxlan.calico lladdr 66:a4:6f:e0:c4:da
            fdb 66:2d:bf:44:a6:8b dev vxlan.calico dst 192.168.1.2
            fdb 66:a4:6f:e0:c4:da dev vxlan.calico dst 192.168.2.3
            route blackhole 10.0.1.0/26
            route 10.0.2.0/26 via 192.168.1.2 dev eth0 onlink
            route 10.0.3.0/26 via 10.0.3.0 dev vxlan.calico onlink
            pod mtu 1450
            """
                .strip());
    assertThat(cluster.planOf("node3"))
        .isEqualTo(
            """
            rules masqueraded [] natives []
                  pods [10.0.0.0/16] senders [192.168.1.1/32, 192.168.1.2/32, 192.168.2.3/32]
                  tunnels [vxlan.calico 10.0.3.0] vxlan 4789
            link vxlan.calico vxlan id 4096 dstport 4789 local 192.168.2.3 dev eth0 address 66:a4:6f:e0:c4:da mtu 1450
            setting ipv4/conf/eth0/rp_filter = 2
            setting ipv4/conf/vxlan.calico/rp_filter = 2
            setting ipv4/ip_forward = 1
            address 10.0.3.0 dev vxlan.calico
            neighbour 10.0.1.0 dev vxlan.calico lladdr 66:f9:37:c3:7e:94
            neighbour 10.0.2.0 dev vxlan.calico lladdr 66:2d:bf:44:a6:8b
            fdb 66:2d:bf:44:a6:8b dev vxlan.calico dst 192.168.1.2
            fdb 66:f9:37:c3:7e:94 dev vxlan.calico dst 192.168.1.1
            route blackhole 10.0.3.0/26
            route 10.0.1.0/26 via 10.0.1.0 dev vxlan.calico onlink
            route 10.0.2.0/26 via 10.0.2.0 dev vxlan.calico onlink
            pod mtu 1450
            """
                .strip());
  }

  @Test
  void withoutTunnelOnlyTheOwnSubnetIsRouted() {
    Topology cluster = threeNodes().plainPool("10.0.0.0/16");

    assertThat(cluster.planOf("node1"))
        .isEqualTo(
            """
            setting ipv4/conf/eth0/rp_filter = 2
            setting ipv4/ip_forward = 1
            route blackhole 10.0.1.0/26
            route 10.0.2.0/26 via 192.168.1.2 dev eth0 onlink
            pod mtu 1500
            """
                .strip());
    assertThat(cluster.settings(Settings.DEFAULT.withoutRoutesOfBgp()).planOf("node1"))
        .isEqualTo(
            """
            setting ipv4/conf/eth0/rp_filter = 2
            setting ipv4/ip_forward = 1
            route blackhole 10.0.1.0/26
            pod mtu 1500
            """
                .strip());
  }

  @Test
  void vxlanOverIpv6() {
    Topology cluster =
        new Topology()
            .vxlanNode("node1", "fd00:1::1/64", "fd10::100")
            .vxlanNode("node2", "fd00:2::2/64", "fd10::200")
            .vxlanPool("fd10::/48", ALWAYS)
            .block("fd10::100/122", "node1")
            .block("fd10::200/122", "node2");

    assertThat(cluster.planOf("node1"))
        .isEqualTo(
            """
            rules masqueraded [] natives []
                  pods [fd10::/48] senders [fd00:1::1/128, fd00:2::2/128]
                  tunnels [vxlan-v6.calico fd10::100] vxlan 4789
            link vxlan-v6.calico vxlan id 4096 dstport 4789 local fd00:1::1 dev eth0 address 66:0f:35:f2:60:df mtu 1430
            setting ipv6/conf/all/forwarding = 1
            setting ipv6/conf/eth0/accept_ra = 2
            address fd10::100 dev vxlan-v6.calico
            neighbour fd10::200 dev vxlan-v6.calico lladdr 66:32:42:ed:de:d5
            fdb 66:32:42:ed:de:d5 dev vxlan-v6.calico dst fd00:2::2
            route blackhole fd10::100/122
            route fd10::200/128 dev vxlan-v6.calico
            route fd10::200/122 via fd10::200 dev vxlan-v6.calico onlink
            pod mtu 1430
            """
                .strip());
  }

  @Test
  void ipipWhereTheKernelHasIt() {
    Topology cluster =
        new Topology()
            .ipipNode("node1", "192.168.1.1/24", "10.0.1.0")
            .ipipNode("node2", "192.168.1.2/24", "10.0.2.0")
            .ipipNode("node3", "192.168.2.3/24", "10.0.3.0")
            .block("10.0.1.0/26", "node1")
            .block("10.0.2.0/26", "node2")
            .block("10.0.3.0/26", "node3")
            .pool("10.0.0.0/16", NEVER, CROSS_SUBNET, false);

    assertThat(cluster.planOf("node1"))
        .isEqualTo(
            """
            rules masqueraded [] natives []
                  pods [10.0.0.0/16] senders [192.168.1.1/32, 192.168.1.2/32, 192.168.2.3/32]
                  tunnels [] ipip
            setting ipv4/conf/eth0/rp_filter = 2
            setting ipv4/ip_forward = 1
            route blackhole 10.0.1.0/26
            route 10.0.2.0/26 via 192.168.1.2 dev eth0 onlink
            pod mtu 1480
            IPIP_UNAVAILABLE: this node's kernel has no IPIP (module ipip): pools with ipipMode are not routed; load it, or set vxlanMode instead
            """
                .strip());
    assertThat(cluster.settings(new Settings(4096, 4789, true, false, true)).planOf("node1"))
        .isEqualTo(
            """
            rules masqueraded [] natives []
                  pods [10.0.0.0/16] senders [192.168.1.1/32, 192.168.1.2/32, 192.168.2.3/32]
                  tunnels [tunl0 10.0.1.0] ipip
            link tunl0 ipip mtu 1480
            setting ipv4/conf/eth0/rp_filter = 2
            setting ipv4/conf/tunl0/rp_filter = 2
            setting ipv4/ip_forward = 1
            address 10.0.1.0 dev tunl0
            route blackhole 10.0.1.0/26
            route 10.0.2.0/26 via 192.168.1.2 dev eth0 onlink
            route 10.0.3.0/26 via 192.168.2.3 dev tunl0 onlink
            pod mtu 1480
            """
                .strip());
  }

  @Test
  void outgoingTranslationKnowsItsExclusions() {
    Topology cluster =
        threeNodes()
            .pool("10.0.0.0/16", NEVER, NEVER, true)
            .pool("10.1.0.0/16", NEVER, NEVER, false);

    assertThat(cluster.planOf("node1"))
        .isEqualTo(
            """
            rules masqueraded [10.0.0.0/16] natives [10.0.0.0/15]
                  pods [] senders []
                  tunnels []
            setting ipv4/conf/eth0/rp_filter = 2
            setting ipv4/ip_forward = 1
            route blackhole 10.0.1.0/26
            route 10.0.2.0/26 via 192.168.1.2 dev eth0 onlink
            pod mtu 1500
            """
                .strip());
    assertThat(cluster.settings(new Settings(4096, 4789, true, true, false)).planOf("node1"))
        .isEqualTo(
            """
            rules masqueraded [10.0.0.0/16] natives [10.0.0.0/15, 192.168.1.1/32, 192.168.1.2/32, 192.168.2.3/32]
                  pods [] senders []
                  tunnels []
            setting ipv4/conf/eth0/rp_filter = 2
            setting ipv4/ip_forward = 1
            route blackhole 10.0.1.0/26
            route 10.0.2.0/26 via 192.168.1.2 dev eth0 onlink
            pod mtu 1500
            """
                .strip());
  }

  @Test
  void borrowedAddressesAndTunnelAddressesOutsideBlocksHaveTheirOwnRoutes() {
    Topology cluster =
        new Topology()
            .vxlanNode("node1", "192.168.1.1/24", "10.0.1.0")
            .vxlanNode("node2", "192.168.1.2/24", "10.0.1.5")
            .vxlanNode("node3", "192.168.2.3/24", "10.0.9.9")
            .vxlanPool("10.0.0.0/16", ALWAYS)
            .block("10.0.1.0/26", "node1")
            .block("10.0.9.9/32", "node3")
            .block("10.0.9.1/32", "node1")
            .borrowed("10.0.1.5", "node2")
            .borrowed("10.0.1.7", "node3");

    assertThat(cluster.planOf("node1"))
        .isEqualTo(
            """
            rules masqueraded [] natives []
                  pods [10.0.0.0/16] senders [192.168.1.1/32, 192.168.1.2/32, 192.168.2.3/32]
                  tunnels [vxlan.calico 10.0.1.0] vxlan 4789
            link vxlan.calico vxlan id 4096 dstport 4789 local 192.168.1.1 dev eth0 address 66:f9:37:c3:7e:94 mtu 1450
            setting ipv4/conf/eth0/rp_filter = 2
            setting ipv4/conf/vxlan.calico/rp_filter = 2
            setting ipv4/ip_forward = 1
            address 10.0.1.0 dev vxlan.calico
            neighbour 10.0.1.5 dev vxlan.calico lladdr 66:2d:bf:44:a6:8b
            neighbour 10.0.9.9 dev vxlan.calico lladdr 66:a4:6f:e0:c4:da
            fdb 66:2d:bf:44:a6:8b dev vxlan.calico dst 192.168.1.2
            fdb 66:a4:6f:e0:c4:da dev vxlan.calico dst 192.168.2.3
            route blackhole 10.0.1.0/26
            route 10.0.1.5/32 dev vxlan.calico
            route 10.0.9.9/32 dev vxlan.calico
            route 10.0.1.7/32 via 10.0.9.9 dev vxlan.calico onlink
            pod mtu 1450
            """
                .strip());
  }

  @Test
  void whatCannotBeRoutedIsNamedAndTheRestIsRouted() {
    Topology cluster =
        threeNodes()
            .vxlanPool("10.0.0.0/16", ALWAYS)
            .node("node4", "192.168.1.4/24")
            .vxlanNode("node5", "192.168.1.2/24", "10.0.5.0")
            .vxlanNode("node6", "192.168.1.1/24", "10.0.6.0")
            .vxlanNode("node7", "192.168.1.7/24", "10.0.3.0")
            .block("10.0.4.0/26", "node4")
            .block("10.0.5.0/26", "node5")
            .block("10.0.6.0/26", "node6")
            .block("10.0.7.0/26", "node7")
            .block("10.0.3.0/26", "node7")
            .block("10.9.0.0/26", "node2")
            .block("10.0.8.0/26", "unknown");

    assertThat(cluster.planOf("node1"))
        .isEqualTo(
            """
            rules masqueraded [] natives []
                  pods [10.0.0.0/16] senders [192.168.1.1/32, 192.168.1.2/32, 192.168.1.4/32, 192.168.1.7/32, 192.168.2.3/32]
                  tunnels [vxlan.calico 10.0.1.0] vxlan 4789
            link vxlan.calico vxlan id 4096 dstport 4789 local 192.168.1.1 dev eth0 address 66:f9:37:c3:7e:94 mtu 1450
            setting ipv4/conf/eth0/rp_filter = 2
            setting ipv4/conf/vxlan.calico/rp_filter = 2
            setting ipv4/ip_forward = 1
            address 10.0.1.0 dev vxlan.calico
            neighbour 10.0.2.0 dev vxlan.calico lladdr 66:2d:bf:44:a6:8b
            neighbour 10.0.3.0 dev vxlan.calico lladdr 66:a4:6f:e0:c4:da
            neighbour 10.0.5.0 dev vxlan.calico lladdr 66:b0:a6:9b:1f:9f
            fdb 66:2d:bf:44:a6:8b dev vxlan.calico dst 192.168.1.2
            fdb 66:a4:6f:e0:c4:da dev vxlan.calico dst 192.168.2.3
            fdb 66:b0:a6:9b:1f:9f dev vxlan.calico dst 192.168.1.2
            route blackhole 10.0.1.0/26
            route 10.0.2.0/26 via 10.0.2.0 dev vxlan.calico onlink
            route 10.0.3.0/26 via 10.0.3.0 dev vxlan.calico onlink
            route 10.0.5.0/26 via 10.0.5.0 dev vxlan.calico onlink
            pod mtu 1450
            BLOCK_OF_SEVERAL_NODES: block 10.0.3.0/26 has confirmed affinities of node3 and node7: only the first is routed; delete the affinity that the block itself does not name
            DUPLICATE_NODE_ADDRESS: nodes node2 and node5 both have 192.168.1.2: packets reach one of them only; correct the address of the other
            DUPLICATE_NODE_ADDRESS: nodes node1 and node6 both have 192.168.1.1: packets reach one of them only; correct the address of the other
            DUPLICATE_TUNNEL_ADDRESS: nodes node3 and node7 both have the VXLAN tunnel address 10.0.3.0: the blocks of the second are not reachable; release its address, and its agent takes another
            BLOCK_OUTSIDE_POOLS: 10.9.0.0/26 of node node2 is in no IPPool and not routed: its pods are not reachable; create the pool again, or move them
            NO_TUNNEL_ADDRESS: node node4 has no IPv4 VXLAN tunnel address yet: pools with vxlanMode are not routed; its agent takes one from a pool that allows the use Tunnel
            """
                .strip());
  }

  @Test
  void aNodeWithoutAddressKeepsItsBlackholes() {
    Topology cluster = threeNodes().vxlanPool("10.0.0.0/16", ALWAYS).withoutNode("node1");

    assertThat(cluster.block("10.0.1.0/26", "node1").planOf("node1"))
        .isEqualTo(
            """
            route blackhole 10.0.1.0/26
            NO_UPLINK: node node1 has no IPv4 address: pods of IPv4 pools reach no other node; give the Node one, or remove these pools
            """
                .strip());
  }
}
