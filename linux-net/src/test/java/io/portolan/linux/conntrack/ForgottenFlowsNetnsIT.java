package io.portolan.linux.conntrack;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.linux.netlink.NetlinkProtocol;
import io.portolan.linux.netlink.NetlinkSocket;
import io.portolan.linux.netns.NetworkNamespace;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@link ConntrackSocket#deleteOf} takes out of a table, and what it leaves. */
final class ForgottenFlowsNetnsIT {
  private static final InetAddress A = InetAddress.ofLiteral("10.0.0.1");
  private static final InetAddress B = InetAddress.ofLiteral("10.0.0.2");
  private static final InetAddress SERVICE = InetAddress.ofLiteral("172.20.0.1");
  private static final InetAddress X = InetAddress.ofLiteral("192.0.2.1");
  private static final InetAddress Y = InetAddress.ofLiteral("192.0.2.2");
  private static final InetAddress A6 = InetAddress.ofLiteral("fd00::1");
  private static final InetAddress X6 = InetAddress.ofLiteral("2001:db8::1");
  private static final InetAddress Y6 = InetAddress.ofLiteral("2001:db8::2");
  private static final Map<InetAddress, String> NAMES =
      Map.of(A, "A", B, "B", X, "X", Y, "Y", A6, "A6", X6, "X6", Y6, "Y6");

  private final NetworkNamespace namespace = NetworkNamespace.anonymous();
  private final NetlinkSocket socket = namespace.socket(NetlinkProtocol.NETFILTER);
  private final ConntrackSocket conntrack = ConntrackSocket.openIn(namespace);

  @AfterEach
  void close() {
    conntrack.close();
    socket.close();
    namespace.close();
  }

  @Test
  void flowsThatAnAddressBeganOrAnswersGo() {
    some();
    assertThat(conntrack.count()).isEqualTo(8);
    assertThat(conntrack.deleteOf(List.of(A))).isEqualTo(3);
    assertThat(ends()).containsExactlyInAnyOrder("B > X", "X > Y", "A6 > X6", "X6 > A6", "X6 > Y6");
    assertThat(conntrack.deleteOf(List.of(A))).isZero();
  }

  @Test
  void theSameGoWhereTheKernelIsAskedToLeaveOutTheRest() {
    List<FlowTuple> others = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      others.add(
          CreatedFlows.udp(InetAddress.ofLiteral("11.0.%d.%d".formatted(i / 250, i % 250 + 1)), X));
    }
    CreatedFlows.create(socket, others);
    some();
    assertThat(conntrack.deleteOf(List.of(A, B))).isEqualTo(4);
    assertThat(conntrack.count()).isEqualTo(10_000 + 4);
    assertThat(conntrack.deleteOf(List.of(X))).isEqualTo(10_000 + 1);
    assertThat(ends()).containsExactlyInAnyOrder("A6 > X6", "X6 > A6", "X6 > Y6");
  }

  @Test
  void bothFamiliesGoAtOnce() {
    some();
    assertThat(conntrack.deleteOf(List.of(A6, B, A))).isEqualTo(6);
    assertThat(ends()).containsExactlyInAnyOrder("X > Y", "X6 > Y6");
    assertThat(conntrack.deleteOf(List.of(Y6))).isEqualTo(1);
    assertThat(conntrack.deleteOf(List.of())).isZero();
    assertThat(ends()).containsExactly("X > Y");
  }

  private void some() {
    CreatedFlows.create(
        socket,
        List.of(
            CreatedFlows.udp(A, X),
            CreatedFlows.udp(X, A),
            CreatedFlows.udp(B, X),
            CreatedFlows.udp(X, Y),
            CreatedFlows.udp(A6, X6),
            CreatedFlows.udp(X6, A6),
            CreatedFlows.udp(X6, Y6)));
    CreatedFlows.create(socket, CreatedFlows.udp(Y, SERVICE), A);
  }

  private List<String> ends() {
    return conntrack.list(FlowFilter.ALL).stream()
        .map(flow -> name(flow.original().source()) + " > " + name(flow.original().destination()))
        .toList();
  }

  private static String name(InetAddress address) {
    return NAMES.getOrDefault(address, address.getHostAddress());
  }
}
