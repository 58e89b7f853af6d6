package io.portolan.policy.agent;

import static io.portolan.policy.agent.Connecting.connects;
import static io.portolan.policy.agent.Connecting.isSilent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.portolan.common.net.IpAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Policy beside plugins of others: their pods are found, policed in both directions and families,
 * from outside and on the node, and nothing but our own tables differs on the node.
 */
class ForeignPluginNetnsIT {
  private static final int PORT = 8080;
  private static final List<IpAddress> OUTSIDE =
      List.of(IpAddress.parse("10.9.0.1"), IpAddress.parse("fd00:9::1"));

  private static final List<IpAddress> NODE =
      List.of(IpAddress.parse("10.9.0.7"), IpAddress.parse("fd00:9::7"));

  private final NetworkLab lab = new NetworkLab();
  private final EchoServers servers = new EchoServers();
  private final Host outside = lab.attach("eth0", OUTSIDE);
  private final List<AutoCloseable> atEnd = new ArrayList<>();

  private Host server = outside;
  private Host client = outside;
  private Host stranger = outside;
  private Host quiet = outside;

  @AfterEach
  void cleanUp() throws Exception {
    for (AutoCloseable closeable : atEnd.reversed()) {
      closeable.close();
    }
    servers.close();
    lab.close();
  }

  @ParameterizedTest
  @EnumSource
  void podsAreFoundAndPolicedAndNothingElseIsTouched(ForeignWiring wiring) throws Exception {
    start(wiring);
    List<String> closed = new ArrayList<>();
    for (boolean ipv4 : new boolean[] {true, false}) {
      expect(closed, true, stranger, server, ipv4, "stranger to server");
      expect(closed, true, outside, server, ipv4, "outside to server");
      expect(closed, true, outside, stranger, ipv4, "outside to stranger");
      expect(closed, true, quiet, outside, ipv4, "quiet to outside");
    }
    assertThat(closed).as("%s without us", wiring).isEmpty();
    String before = NodeConfiguration.of(lab.node());

    PolicyOnlyNode node = startAgent(wiring);
    assertThat(node.pods().problem()).isEmpty();
    assertPoliced(wiring, "while the agent runs");
    assertThat(node.bridges().problem()).isEmpty();
    assertThat(NodeConfiguration.of(lab.node())).as("beside the agent").isEqualTo(before);

    node.close();
    assertPoliced(wiring, "after its end");
    assertThat(NodeConfiguration.of(lab.node())).as("after the agent").isEqualTo(before);

    List<String> ours =
        wiring.isBridge()
            ? List.of("table inet portolan", "table bridge portolan")
            : List.of("table inet portolan");
    assertThat(PolicyOnlyNode.cleanUp(lab)).isEqualTo(ours);
    assertThat(lab.nft("list", "tables")).doesNotContain("portolan");
    assertThat(PolicyOnlyNode.cleanUp(lab)).isEmpty();
    assertThat(NodeConfiguration.of(lab.node())).as("after leaving").isEqualTo(before);
    assertThat(NetworkLab.run(lab.node(), "conntrack", "-L"))
        .as("stamps of connections")
        .doesNotContainPattern("mark=[1-9]\\d{4,}");
    for (boolean ipv4 : new boolean[] {true, false}) {
      assertThat(connects(stranger, server.address(ipv4), PORT)).as("after leaving").isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPodSendsFromNoAddressOfItsNeighbour(ForeignWiring wiring) throws Exception {
    start(wiring);
    for (IpAddress address : client.addresses()) {
      NetworkLab.run(
          stranger.namespace(),
          "sh",
          "-c",
          "ip addr add " + address.toCidr() + " dev eth0" + (address.isIpv4() ? "" : " nodad"));
    }
    for (boolean ipv4 : new boolean[] {true, false}) {
      assertThat(receivedFromNeighboursAddress(ipv4)).as("before, ipv4 %s", ipv4).isTrue();
    }
    for (IpAddress address : client.addresses()) {
      NetworkLab.run(
          stranger.namespace(), "ip", "addr", "del", address.toCidr().toString(), "dev", "eth0");
    }
    startAgent(wiring);
    for (IpAddress address : client.addresses()) {
      NetworkLab.run(
          stranger.namespace(),
          "sh",
          "-c",
          "ip addr add " + address.toCidr() + " dev eth0" + (address.isIpv4() ? "" : " nodad"));
    }
    for (boolean ipv4 : new boolean[] {true, false}) {
      assertThat(receivedFromNeighboursAddress(ipv4)).as("after, ipv4 %s", ipv4).isFalse();
    }
  }

  private void start(ForeignWiring wiring) {
    assumeThat(wiring.isAvailable()).as("plugins of the CNI project").isTrue();
    // Where the network behind the node sends back what pods of one node say to each other.
    NetworkLab.run(
        outside.namespace(),
        "sysctl",
        "-q",
        "-w",
        "net.ipv4.ip_forward=1",
        "net.ipv6.conf.all.forwarding=1",
        "net.ipv4.conf.all.send_redirects=0",
        "net.ipv4.conf.eth0.send_redirects=0");
    NetworkLab.run(lab.node(), "ip", "addr", "add", "10.9.0.7/24", "dev", "eth0");
    NetworkLab.run(lab.node(), "ip", "addr", "add", "fd00:9::7/64", "dev", "eth0", "nodad");
    // The uplink is one: by a gateway, and with others of its subnet.
    NetworkLab.run(lab.node(), "ip", "route", "del", "10.9.0.1/32", "dev", "eth0");
    NetworkLab.run(lab.node(), "ip", "-6", "route", "del", "fd00:9::1/128", "dev", "eth0");
    NetworkLab.run(lab.node(), "ip", "route", "add", "default", "via", "10.9.0.1");
    NetworkLab.run(lab.node(), "ip", "-6", "route", "add", "default", "via", "fd00:9::1");
    wiring.prepare(lab);
    server = wiring.wire(lab, lab.container(), "server", 2);
    client = wiring.wire(lab, lab.container(), "client", 3);
    stranger = wiring.wire(lab, lab.container(), "stranger", 4);
    quiet = wiring.wire(lab, lab.container(), "quiet", 5);
    for (Host host : List.of(outside, server, client, stranger, quiet)) {
      servers.serve(host, PORT);
    }
  }

  private PolicyOnlyNode startAgent(ForeignWiring wiring) {
    PolicyOnlyNode node = new PolicyOnlyNode(lab);
    atEnd.add(node);
    node.policy(
        "server",
        "{'podSelector':{'matchLabels':{'app':'server'}},"
            + "'ingress':[{'from':[{'podSelector':{'matchLabels':{'app':'client'}}}]}]}");
    node.policy(
        "quiet", "{'podSelector':{'matchLabels':{'app':'quiet'}},'policyTypes':['Egress']}");
    node.seen("server", "server", server.addresses());
    node.seen("client", "client", client.addresses());
    node.seen("stranger", "stranger", stranger.addresses());
    node.seen("quiet", "quiet", quiet.addresses());
    node.listed();
    node.awaitTable("inet", server.addresses().getLast() + " : jump class/ingress/");
    if (wiring.isBridge()) {
      node.awaitTable("bridge", quiet.addresses().getLast() + " : goto to/cni0");
    }
    return node;
  }

  private void assertPoliced(ForeignWiring wiring, String when) {
    List<String> wrong = new ArrayList<>();
    for (boolean ipv4 : new boolean[] {true, false}) {
      expect(wrong, true, client, server, ipv4, "client to server");
      expect(wrong, false, stranger, server, ipv4, "stranger to server");
      expect(wrong, false, outside, server, ipv4, "outside to server");
      expect(wrong, true, outside, stranger, ipv4, "outside to stranger");
      expect(wrong, true, server, outside, ipv4, "server to outside");
      expect(wrong, true, server, stranger, ipv4, "server to stranger");
      expect(wrong, true, stranger, quiet, ipv4, "stranger to quiet");
      expect(wrong, false, quiet, stranger, ipv4, "quiet to stranger");
      expect(wrong, false, quiet, outside, ipv4, "quiet to outside");
      expect(wrong, true, lab.nodeAsHost(NODE), server, ipv4, "node to server");
    }
    assertThat(wrong).as("%s %s", wiring, when).isEmpty();
  }

  private static void expect(
      List<String> wrong, boolean open, Host from, Host to, boolean ipv4, String what) {
    boolean as =
        open ? connects(from, to.address(ipv4), PORT) : isSilent(from, to.address(ipv4), PORT);
    if (!as) {
      wrong.add(what + (ipv4 ? " by IPv4" : " by IPv6") + " is " + (open ? "denied" : "open"));
    }
  }

  private boolean receivedFromNeighboursAddress(boolean ipv4) throws IOException {
    int port = ipv4 ? 9004 : 9006;
    try (DatagramChannel victim = server.udp(server.address(ipv4), port);
        DatagramChannel sender = stranger.udp(client.address(ipv4), 0)) {
      for (int i = 0; i < 30; i++) {
        sender.send(
            ByteBuffer.wrap(new byte[] {1}),
            new InetSocketAddress(server.address(ipv4).toInetAddress(), port));
        PolicyOnlyNode.pause(10);
        if (victim.receive(ByteBuffer.allocate(8)) != null) {
          return true;
        }
      }
      return false;
    }
  }
}
