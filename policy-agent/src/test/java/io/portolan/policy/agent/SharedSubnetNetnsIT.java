package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.kube.PodRecord;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.conntrack.ConntrackSocket;
import io.portolan.linux.route.RouteSocket;
import io.portolan.policy.PolicyAgent;
import io.portolan.policy.compile.Reporting;
import io.portolan.policy.model.PodName;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Pods with addresses of the node's own subnet, as Amazon's plugin gives them: a route to each
 * address by its link, and the connected route of the subnet by the uplink.
 */
class SharedSubnetNetnsIT {
  private static final IpAddress ROUTER = IpAddress.parse("10.1.0.1");
  private static final IpAddress NODE = IpAddress.parse("10.1.0.7");
  private static final IpAddress POD = IpAddress.parse("10.1.0.9");
  private static final IpAddress OTHER = IpAddress.parse("10.1.0.10");

  private final NetworkLab lab = new NetworkLab();
  private final Host router = lab.attach("eth0", List.of(ROUTER));
  private final RouteSocket routes = RouteSocket.openIn(lab.node());
  private final KernelNetwork network = new KernelNetwork(routes, System::nanoTime);
  private final ConntrackSocket conntrack = ConntrackSocket.openIn(lab.node());
  private final PolicyAgent agent =
      PolicyAgent.start(
          lab.tables(),
          new KernelConnections(conntrack),
          List.of(),
          new RecordingObserver(),
          Reporting.COUNTS);

  SharedSubnetNetnsIT() {
    // The uplink: others of its subnet, and no route to one of them alone.
    NetworkLab.run(lab.node(), "ip", "route", "del", "10.1.0.1/32", "dev", "eth0");
    NetworkLab.run(lab.node(), "ip", "addr", "add", "10.1.0.7/20", "dev", "eth0");
  }

  @AfterEach
  void cleanUp() {
    agent.close();
    conntrack.close();
    routes.close();
    lab.close();
  }

  @Test
  void theNodeStaysReachableWhenThePluginRemovesTheRouteOfAPodBeforeItsStatusSaysSo()
      throws Exception {
    NodePods pods = new NodePods("node-1", agent.sink(), _ -> {}, true, System::nanoTime);
    pods.listed();
    agent.sink().synced();
    lab.attach("eni1", List.of(POD));
    pods.network(network.read());
    pods.seen(pod("ending", POD));
    awaitInTable("eni1");
    NetworkLab.run(lab.node(), "ip", "link", "del", "eni1");
    pods.network(network.read());
    pods.seen(pod("ending", POD));
    pods.seen(pod("late", IpAddress.parse("10.1.0.11")));
    // Changes are taken in order: what follows is in force only with what was before it.
    lab.attach("eni2", List.of(OTHER));
    pods.network(network.read());
    pods.seen(pod("other", OTHER));
    awaitInTable("eni2");

    assertThat(lab.nft("list", "table", "inet", "portolan")).doesNotContain("eth0");
    assertThat(receivedByNode()).as("packet from the subnet to the node").isTrue();
    assertThat(pods.problem().orElse(""))
        .isEqualTo("no link of its own leads to pod shop/late (10.1.0.11): it is not policed");
    pods.gone(new PodName("shop", "late"));
    assertThat(pods.problem()).isEmpty();
  }

  @Test
  void aPodsLinkIsFoundByARouteToItAloneOrByABridgeThatIsNoUplink() {
    assertThat(network.read().towards(POD)).as("connected subnet").isEmpty();
    NetworkLab.run(
        lab.node(),
        "sh",
        "-c",
        """
        set -e
        ip link add cni0 type bridge
        ip link set cni0 up
        ip addr add 10.244.1.1/24 dev cni0
        ip link add azure0 type bridge
        ip link set azure0 up
        ip addr add 10.9.0.4/24 dev azure0
        ip route add default via 10.9.0.1
        """);
    lab.attach("eni1", List.of(POD, IpAddress.parse("fd00:1::9")));
    NodeNetwork interfaces = network.read();
    assertThat(interfaces.towards(POD)).contains("eni1");
    assertThat(interfaces.towards(IpAddress.parse("fd00:1::9"))).contains("eni1");
    assertThat(interfaces.towards(IpAddress.parse("10.244.1.5"))).contains("cni0");
    assertThat(interfaces.towards(IpAddress.parse("10.9.0.5"))).as("bridged uplink").isEmpty();
    assertThat(interfaces.towards(IpAddress.parse("192.0.2.1"))).as("by a gateway").isEmpty();
  }

  private boolean receivedByNode() throws Exception {
    try (DatagramChannel node = lab.nodeAsHost().udp(NODE, 8080);
        DatagramChannel sender = router.udp(ROUTER, 0)) {
      for (int i = 0; i < 50; i++) {
        sender.send(
            ByteBuffer.wrap(new byte[] {1}), new InetSocketAddress(NODE.toInetAddress(), 8080));
        TimeUnit.MILLISECONDS.sleep(10);
        if (node.receive(ByteBuffer.allocate(8)) != null) {
          return true;
        }
      }
      return false;
    }
  }

  private void awaitInTable(String link) throws InterruptedException {
    for (int i = 0; i < 500; i++) {
      if (lab.nft("list", "table", "inet", "portolan").contains(link)) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    throw new AssertionError(link + " is not policed");
  }

  private static PodRecord pod(String name, IpAddress address) {
    return NodePodsTest.pod(
        name, "uid-" + name, "node-1", PodRecord.Phase.RUNNING, false, address.toString());
  }
}
