package io.portolan.calico.routing.kernel;

import static io.portolan.calico.routing.Encapsulation.ALWAYS;
import static io.portolan.calico.routing.Encapsulation.CROSS_SUBNET;
import static io.portolan.calico.routing.Encapsulation.NEVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.calico.routing.Topology;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nodes 1 and 2 in one subnet, 3 in another, real packets between their pods. */
class RoutingNetnsIT {
  private static final List<String> NODES = List.of("node1", "node2", "node3");

  private final Machines machines = new Machines();

  @BeforeEach
  void wire() {
    machines
        .subnet("br-a", "192.168.1.254/24")
        .subnet("br-b", "192.168.2.254/24")
        .machine("node1", "br-a", Map.of("192.168.1.1/24", "192.168.1.254"))
        .machine("node2", "br-a", Map.of("192.168.1.2/24", "192.168.1.254"))
        .machine("node3", "br-b", Map.of("192.168.2.3/24", "192.168.2.254"));
    machines.pod("pod1", "node1", "10.0.1.9");
    machines.pod("pod2", "node2", "10.0.2.9");
    machines.pod("pod3", "node3", "10.0.3.9");
    // What arrives at each node: in tunnels, and from pods without one.
    for (String node : NODES) {
      machines.sh(node, "nft add table ip seen");
      machines.sh(node, "nft add counter ip seen tunnelled");
      machines.sh(node, "nft add counter ip seen plain");
      machines.run(
          node, "nft", "add chain ip seen in { type filter hook prerouting priority -300 ; }");
      machines.sh(
          node, "nft add rule ip seen in iifname eth0 udp dport 4789 counter name tunnelled");
      machines.sh(
          node, "nft add rule ip seen in iifname eth0 ip saddr 10.0.0.0/8 counter name plain");
    }
  }

  @AfterEach
  void close() {
    machines.close();
  }

  private static Topology cluster() {
    return new Topology()
        .vxlanNode("node1", "192.168.1.1/24", "10.0.1.0")
        .vxlanNode("node2", "192.168.1.2/24", "10.0.2.0")
        .vxlanNode("node3", "192.168.2.3/24", "10.0.3.0")
        .block("10.0.1.0/26", "node1")
        .block("10.0.2.0/26", "node2")
        .block("10.0.3.0/26", "node3");
  }

  /** How packets arrived at a node since it was last asked: tunnelled, plain. */
  private String arrivedAt(String node) {
    String text = machines.sh(node, "nft reset counters table ip seen");
    return "plain " + counted(text, "plain") + ", tunnelled " + counted(text, "tunnelled");
  }

  private static String counted(String text, String name) {
    Matcher found = Pattern.compile("counter " + name + " \\{\\s*packets (\\d+)").matcher(text);
    assertThat(found.find()).as(text).isTrue();
    return found.group(1);
  }

  @Test
  void alwaysInTunnels() {
    machines.reconcile(cluster().vxlanPool("10.0.0.0/16", ALWAYS));

    assertThat(machines.reaches("pod1", "10.0.2.9")).isTrue();
    assertThat(machines.reaches("pod1", "10.0.3.9")).isTrue();
    assertThat(machines.reaches("pod3", "10.0.2.9")).isTrue();
    assertThat(arrivedAt("node2")).isEqualTo("plain 0, tunnelled 2");
    assertThat(arrivedAt("node3")).isEqualTo("plain 0, tunnelled 2");
    // The node itself reaches pods elsewhere by its tunnel address, and they it.
    assertThat(machines.reaches("node1", "10.0.3.9")).isTrue();
    assertThat(machines.reaches("pod3", "10.0.1.0")).isTrue();
    assertThat(machines.sh("node1", "ip -o -d link show vxlan.calico"))
        .contains("vxlan id 4096 local 192.168.1.1 dev eth0", "dstport 4789", "nolearning")
        .contains("mtu 1450", "66:f9:37:c3:7e:94");
    assertThat(machines.sh("node1", "ip route show proto 113"))
        .isEqualTo(
            """
            blackhole 10.0.1.0/26 metric 2000
            10.0.2.0/26 via 10.0.2.0 dev vxlan.calico metric 2000 onlink
            10.0.3.0/26 via 10.0.3.0 dev vxlan.calico metric 2000 onlink\
            """
                .stripIndent());
  }

  @Test
  void tunnelsToOtherSubnetsOnly() {
    machines.reconcile(cluster().vxlanPool("10.0.0.0/16", CROSS_SUBNET));

    assertThat(machines.reaches("pod1", "10.0.2.9")).isTrue();
    assertThat(arrivedAt("node2")).isEqualTo("plain 1, tunnelled 0");
    assertThat(machines.reaches("pod1", "10.0.3.9")).isTrue();
    assertThat(arrivedAt("node3")).isEqualTo("plain 0, tunnelled 1");
  }

  @Test
  void withoutTunnels() {
    machines.reconcile(cluster().plainPool("10.0.0.0/16"));

    assertThat(machines.reaches("pod1", "10.0.2.9")).isTrue();
    assertThat(arrivedAt("node2")).isEqualTo("plain 1, tunnelled 0");
    assertThat(machines.reaches("pod1", "10.0.3.9"))
        .as("the network between the subnets knows no pods")
        .isFalse();
    assertThat(machines.sh("node1", "ip -o link")).doesNotContain("vxlan");
  }

  @Test
  void unusedAddressesOfOwnBlocksGoNowhere() {
    machines.reconcile(cluster().vxlanPool("10.0.0.0/16", ALWAYS));
    arrivedAt("node1");

    assertThat(machines.reaches("pod2", "10.0.1.33")).isFalse();
    assertThat(arrivedAt("node1"))
        .as("one packet, and it did not come back from the router")
        .isEqualTo("plain 0, tunnelled 1");
  }

  @Test
  void aBorrowedAddressIsFoundWhereItIs() {
    machines.pod("guest", "node3", "10.0.1.40");
    machines.reconcile(
        cluster().vxlanPool("10.0.0.0/16", CROSS_SUBNET).borrowed("10.0.1.40", "node3"));

    assertThat(machines.reaches("pod1", "10.0.1.40")).isTrue();
    assertThat(machines.reaches("pod2", "10.0.1.40")).isTrue();
    assertThat(machines.reaches("guest", "10.0.2.9")).isTrue();
  }

  @Test
  void tunnelPacketsOfStrangersAndPodsAreDropped() {
    Topology whole = cluster().vxlanPool("10.0.0.0/16", ALWAYS);
    machines.reconcile(whole);
    assertThat(machines.reaches("pod3", "10.0.2.9")).isTrue();
    assertThat(machines.sh("node2", "nft list chain inet portolan-routing input"))
        .contains("udp dport 4789 ip saddr != @senders4 counter packets 0");

    // Node 3 is no member for the others any more, though it still sends.
    Topology without = cluster().pool("10.0.0.0/16", ALWAYS, NEVER, true).withoutNode("node3");
    machines.reconcile("node1", without.seenFrom("node1"));
    machines.reconcile("node2", without.seenFrom("node2"));
    assertThat(machines.reaches("pod3", "10.0.2.9")).isFalse();
    assertThat(machines.sh("node2", "nft list chain inet portolan-routing input"))
        .contains("udp dport 4789 ip saddr != @senders4 counter packets 1");
    // A pod's own tunnel packets do not leave its node, where they would look like the node's.
    machines.run("pod1", "bash", "-c", "echo evil > /dev/udp/192.168.1.2/4789");
    assertThat(machines.sh("node1", "nft list chain inet portolan-routing forward"))
        .contains("udp dport 4789 ip saddr @pods4 counter packets 1");
  }

  @Test
  void outsideSeesTheNodeAndPodsSeePods() {
    machines.reconcile(cluster().pool("10.0.0.0/16", CROSS_SUBNET, NEVER, true));

    assertThat(machines.reaches("pod1", "192.168.2.254")).isTrue();
    assertThat(machines.reaches("pod1", "192.168.2.3")).isTrue();
    arrivedAt("node2");
    assertThat(machines.reaches("pod1", "192.168.1.2")).isTrue();
    assertThat(arrivedAt("node2")).as("translated").isEqualTo("plain 0, tunnelled 0");
    assertThat(machines.reaches("pod1", "10.0.2.9")).isTrue();
    assertThat(arrivedAt("node2")).as("its own address").isEqualTo("plain 1, tunnelled 0");

    machines.reconcile(cluster().pool("10.0.0.0/16", CROSS_SUBNET, NEVER, false));
    assertThat(machines.reaches("pod1", "192.168.2.254")).as("the router knows no pods").isFalse();
  }

  @Test
  void aPoolChangesItsEncapsulationUnderARunningFlow() throws Exception {
    machines.reconcile(cluster().vxlanPool("10.0.0.0/16", ALWAYS));
    assertThat(machines.reaches("pod1", "10.0.2.9")).isTrue();
    Process flow =
        machines
            .in("pod1")
            .call(() ->
                new ProcessBuilder(
                        "ping", "-n", "-q", "-i", "0.005", "-c", "200", "-W", "1", "10.0.2.9")
                    .redirectErrorStream(true)
                    .start());
    for (int i = 0; i < 10; i++) {
      machines.reconcile(cluster().vxlanPool("10.0.0.0/16", i % 2 == 0 ? CROSS_SUBNET : ALWAYS));
    }
    String text = new String(flow.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(flow.waitFor()).isZero();
    assertThat(text).contains("200 packets transmitted, 200 received");
  }

  @Test
  void aRestartedProcessFindsNothingToDo() {
    Topology topology = cluster().pool("10.0.0.0/16", CROSS_SUBNET, NEVER, true);
    machines.reconcile(topology);
    NODES.forEach(machines::restart);

    assertThat(machines.reconcile(topology)).isEqualTo(Map.of("node1", 0, "node2", 0, "node3", 0));
  }

  @Test
  void whatIsNoLongerWantedGoesAndWhatIsOthersStays() {
    machines.sh("node1", "ip route add 10.77.0.0/16 via 192.168.1.254");
    machines.sh("node1", "ip link add vxlan.other type vxlan id 7 dstport 8472");
    machines.reconcile(cluster().pool("10.0.0.0/16", CROSS_SUBNET, NEVER, true));
    NODES.forEach(machines::restart);

    machines.reconcile(
        new Topology()
            .node("node1", "192.168.1.1/24")
            .node("node2", "192.168.1.2/24")
            .node("node3", "192.168.2.3/24"));

    assertThat(machines.sh("node1", "ip route show"))
        .isEqualTo(
            """
            default via 192.168.1.254 dev eth0
            10.0.1.9 dev enipod1 scope link
            10.77.0.0/16 via 192.168.1.254 dev eth0
            192.168.1.0/24 dev eth0 proto kernel scope link src 192.168.1.1\
            """);
    assertThat(machines.sh("node1", "ip -o link"))
        .contains("vxlan.other")
        .doesNotContain("vxlan.calico");
    assertThat(machines.sh("node1", "nft list tables")).isEqualTo("table ip seen");
  }

  @Test
  void damageIsRepairedAndADeviceOfCalicoIsTakenOver() {
    machines.sh(
        "node1",
        "ip link add vxlan.calico address 66:f9:37:c3:7e:94 mtu 1400 type vxlan id 4096 local"
            + " 192.168.1.1 dev eth0 dstport 4789 nolearning");
    int index =
        Integer.parseInt(machines.sh("node1", "ip -o link show vxlan.calico").split(":")[0]);
    Topology topology = cluster().vxlanPool("10.0.0.0/16", ALWAYS);
    machines.reconcile(topology);
    assertThat(machines.sh("node1", "ip -o link show vxlan.calico"))
        .startsWith(index + ":")
        .contains("mtu 1450");
    assertThat(machines.reaches("pod1", "10.0.3.9")).isTrue();

    machines.sh("node1", "ip link del vxlan.calico");
    machines.sh("node1", "nft flush chain inet portolan-routing input");
    machines.restart("node1");
    machines.reconcile(topology);
    assertThat(machines.reaches("pod1", "10.0.3.9")).isTrue();
    assertThat(machines.sh("node1", "nft list chain inet portolan-routing input"))
        .contains("@senders4");
  }

  @Test
  void ipv6InTunnelsOfItsOwn() {
    machines
        .subnet("br-c", "fd00:1::ff/64")
        .subnet("br-d", "fd00:2::ff/64")
        .machine("six1", "br-c", Map.of("fd00:1::1/64", "fd00:1::ff"))
        .machine("six2", "br-c", Map.of("fd00:1::2/64", "fd00:1::ff"))
        .machine("six3", "br-d", Map.of("fd00:2::3/64", "fd00:2::ff"));
    machines.pod("sixpod1", "six1", "fd10::109");
    machines.pod("sixpod2", "six2", "fd10::209");
    machines.pod("sixpod3", "six3", "fd10::309");
    Topology topology =
        new Topology()
            .vxlanNode("six1", "fd00:1::1/64", "fd10::100")
            .vxlanNode("six2", "fd00:1::2/64", "fd10::200")
            .vxlanNode("six3", "fd00:2::3/64", "fd10::300")
            .block("fd10::100/122", "six1")
            .block("fd10::200/122", "six2")
            .block("fd10::300/122", "six3");
    List.of("six1", "six2", "six3")
        .forEach(
            m -> machines.reconcile(m, topology.vxlanPool("fd10::/48", CROSS_SUBNET).seenFrom(m)));

    assertThat(machines.reaches("sixpod1", "fd10::209")).isTrue();
    assertThat(machines.reaches("sixpod1", "fd10::309")).isTrue();
    assertThat(machines.sh("six1", "ip -6 route show proto 113"))
        .isEqualTo(
            """
            blackhole fd10::100/122 dev lo metric 2000 pref medium
            fd10::200/122 via fd00:1::2 dev eth0 metric 2000 onlink pref medium
            fd10::300 dev vxlan-v6.calico metric 2000 pref medium
            fd10::300/122 via fd10::300 dev vxlan-v6.calico metric 2000 onlink pref medium\
            """);

    List.of("six1", "six2", "six3")
        .forEach(m -> machines.reconcile(m, topology.vxlanPool("fd10::/48", ALWAYS).seenFrom(m)));
    assertThat(machines.reaches("sixpod1", "fd10::209")).isTrue();
    assertThat(machines.reaches("six1", "fd10::309")).isTrue();
    machines.restart("six1");
    assertThat(machines.reconcile("six1", topology.seenFrom("six1"))).isZero();
  }
}
