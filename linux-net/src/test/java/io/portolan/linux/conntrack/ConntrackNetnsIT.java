package io.portolan.linux.conntrack;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.linux.TestNamespace;
import io.portolan.linux.route.AddressFamily;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.Mark;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real flows over the loopback of a namespace, compared with what conntrack(8) lists. */
class ConntrackNetnsIT {
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress LOOPBACK6 = InetAddress.ofLiteral("::1");

  private final TestNamespace node = new TestNamespace();
  private ConntrackSocket conntrack;

  @BeforeEach
  void track() {
    // Tracking begins when a rule looks at it; a rule that sets labels makes the kernel keep them.
    node.sh("nft add table inet t");
    node.run("nft", "add chain inet t out { type filter hook output priority 0 ; }");
    node.run("nft", "add rule inet t out udp dport 1 ct label set 3");
    node.run("nft", "add rule inet t out ct state new ct mark set 0x10 accept");
    conntrack = ConntrackSocket.openIn(node.namespace());
  }

  @AfterEach
  void close() {
    conntrack.close();
    node.close();
  }

  @Test
  void flowsAreListedFilteredMarkedAndCut() throws IOException {
    int first;
    int second;
    try (ServerSocket server = node.namespace().call(() -> new ServerSocket(0, 5, LOOPBACK));
        Socket a = connect(server);
        Socket b = connect(server)) {
      int port = server.getLocalPort();
      first = a.getLocalPort();
      second = b.getLocalPort();
      FlowFilter toServer = FlowFilter.ALL.withDestinationPort(TCP, port).withDestination(LOOPBACK);

      assertThat(conntrack.list(toServer))
          .hasSize(2)
          .allSatisfy(flow -> {
            assertThat(flow.isAssured()).isTrue();
            assertThat(flow.hasReplied()).isTrue();
            assertThat(flow.mark()).isEqualTo(0x10);
            assertThat(flow.timeoutSeconds()).isPositive();
            assertThat(flow.reply().sourcePort()).isEqualTo(port);
          });
      FlowFilter one = toServer.withSourcePort(TCP, first);
      assertThat(conntrack.list(one))
          .extracting(f -> f.original().sourcePort())
          .containsExactly(first);

      assertThat(conntrack.mark(one, new Mark(0x300, 0xf00))).isEqualTo(1);
      assertThat(node.sh("conntrack -L -p tcp --sport " + first)).contains("mark=784");
      assertThat(conntrack.list(toServer.withMark(new Mark(0x300, 0xf00)))).hasSize(1);
      assertThat(conntrack.list(toServer.withMark(Mark.exactly(0x10)))).hasSize(1);

      assertThat(conntrack.delete(one)).isEqualTo(1);
      assertThat(conntrack.list(one)).isEmpty();
      assertThat(node.sh("conntrack -L -p tcp"))
          .doesNotContain("sport=" + first)
          .contains("sport=" + second);
      assertThat(conntrack.delete(toServer, flow -> flow.mark() == 0x99)).isZero();
      assertThat(conntrack.delete(FlowFilter.ALL.withReplySource(IpPrefix.parse("127.0.0.0/8"))))
          .isEqualTo(1);
      assertThat(conntrack.list(FlowFilter.ALL.withProtocol(TCP))).isEmpty();
    }
  }

  @Test
  void familiesZonesAndLabelsAreToldApart() throws IOException {
    node.run("nft", "add chain inet t raw { type filter hook output priority raw ; }");
    node.run("nft", "add rule inet t raw udp dport 7777 ct zone set 5");
    send(LOOPBACK, 1);
    send(LOOPBACK6, 1);
    send(LOOPBACK, 7777);

    assertThat(conntrack.list(FlowFilter.ALL.withFamily(AddressFamily.INET6)))
        .extracting(f -> f.original().destination())
        .containsExactly(LOOPBACK6);
    FlowFilter zoned = FlowFilter.ALL.withZone(5);
    assertThat(conntrack.list(zoned))
        .extracting(f -> f.original().destinationPort())
        .containsExactly(7777);
    FlowFilter labelled = FlowFilter.ALL.withDestination(LOOPBACK).withDestinationPort(UDP, 1);
    assertThat(conntrack.list(labelled)).extracting(Flow::labels).containsExactly(FlowLabels.of(3));
    assertThat(conntrack.label(labelled, FlowLabels.of(100), FlowLabels.of(100))).isEqualTo(1);
    assertThat(conntrack.list(labelled))
        .extracting(Flow::labels)
        .containsExactly(FlowLabels.of(3).or(FlowLabels.of(100)));
    assertThat(conntrack.delete(zoned)).isEqualTo(1);
    assertThat(conntrack.list(zoned)).isEmpty();
    assertThat(conntrack.delete(FlowFilter.ALL.withSource(LOOPBACK6))).isEqualTo(1);
    assertThat(conntrack.list(FlowFilter.ALL)).hasSize(1);
  }

  @Test
  void pingsAreFlowsToo() {
    node.sh("ping -c 1 -W 5 127.0.0.1");
    node.sh("ping -6 -c 1 -W 5 ::1");

    assertThat(conntrack.list(FlowFilter.ALL.withProtocol(1)))
        .singleElement()
        .satisfies(f -> assertThat(f.original().icmp().orElseThrow().type()).isEqualTo(8))
        .satisfies(f -> assertThat(f.reply().icmp().orElseThrow().type()).isEqualTo(0));
    assertThat(conntrack.delete(FlowFilter.ALL.withProtocol(1))).isEqualTo(1);
    assertThat(conntrack.delete(FlowFilter.ALL.withProtocol(58))).isEqualTo(1);
    assertThat(conntrack.list(FlowFilter.ALL)).isEmpty();
  }

  private Socket connect(ServerSocket server) throws IOException {
    Socket socket = node.namespace().call(Socket::new);
    node.namespace()
        .run(() -> socket.connect(new InetSocketAddress(LOOPBACK, server.getLocalPort()), 5000));
    return socket;
  }

  private void send(InetAddress to, int port) throws IOException {
    try (DatagramSocket socket =
        node.namespace().call(() -> new DatagramSocket(new InetSocketAddress(to, 0)))) {
      socket.send(new DatagramPacket(new byte[] {1}, 1, to, port));
    }
  }
}
