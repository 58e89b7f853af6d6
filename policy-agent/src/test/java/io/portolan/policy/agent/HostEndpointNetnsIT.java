package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.conntrack.ConntrackSocket;
import io.portolan.linux.conntrack.FlowFilter;
import io.portolan.policy.calico.CalicoKinds;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.PodName;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections of a node with a pod and two neighbours, through its host endpoints. */
class HostEndpointNetnsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final IpAddress NODE = IpAddress.parse("198.18.0.1");
  private static final IpAddress NODE6 = IpAddress.parse("2001:db8:1::1");
  private static final IpAddress POD = IpAddress.parse("10.0.0.1");
  private static final Duration SILENCE = Duration.ofMillis(400);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final NetworkLab lab = new NetworkLab();
  private final EchoServers servers = new EchoServers();
  private final Host near =
      lab.attach("eth0", List.of(IpAddress.parse("192.0.2.7"), IpAddress.parse("2001:db8::7")));
  private final Host far = lab.attach("eth1", List.of(IpAddress.parse("203.0.113.7")));
  private final Host pod = lab.attach("vpod", List.of(POD));
  private final Host node = new Host(lab.node(), "lo", List.of(NODE, NODE6));
  private final Enforcer enforcer =
      new Enforcer(lab.tables(), () -> {}, new RecordingObserver(), InstantSource.system());

  @BeforeEach
  void wire() throws Exception {
    NetworkLab.run(
        lab.node(),
        "sh",
        "-c",
        "ip addr add "
            + NODE.toCidr()
            + " dev eth0 && ip addr add "
            + NODE6.toCidr()
            + " dev eth0 nodad");
    for (int port : new int[] {22, 53, 80, 81}) {
      for (Host host : List.of(near, far, pod, node)) {
        servers.serve(host, port);
      }
    }
    enforcer.start();
    try (KernelInterfaces interfaces = KernelInterfaces.openIn(lab.node())) {
      enforcer.apply(new ClusterChange.ThisNode("n1", interfaces.addresses()));
    }
    enforcer.apply(new ClusterChange.NamespaceSeen("shop", Map.of()));
    enforcer.apply(
        new ClusterChange.PodSeen(
            new ClusterPod(
                new PodName("shop", "web"),
                "uid",
                Map.of("app", "web"),
                "",
                false,
                List.of(POD),
                List.of(),
                Instant.EPOCH)));
    enforcer.apply(
        new ClusterChange.PodWired(
            new LocalPod(new PodName("shop", "web"), "uid", "vpod", List.of(POD))));
    enforcer.synced();
  }

  @AfterEach
  void close() {
    servers.close();
    lab.close();
  }

  private void seen(String plural, String name, String spec) throws Exception {
    var object =
        JSON.readTree(
            ("{'metadata':{'name':'" + name + "','labels':{'host':'yes'}},'spec':" + spec + "}")
                .replace('\'', '"'));
    enforcer.apply(CalicoKinds.own(plural).seen().apply(object).change().orElseThrow());
    assertThat(enforcer.commit()).isTrue();
    // As the thread does some milliseconds later; what is not needed any more goes with it.
    enforcer.proveGeneration();
  }

  @Test
  void withoutAPolicyOnlyWhatStaysOpenAndWhatIsForwardedPasses() throws Exception {
    seen("hostendpoints", "h", "{'node':'n1','interfaceName':'eth0'}");
    assertThat(tcp(near, NODE, 80, false)).as("in").isFalse();
    assertThat(tcp(near, NODE, 22, true)).as("SSH").isTrue();
    assertThat(tcp(near, NODE6, 22, true)).as("SSH over IPv6").isTrue();
    assertThat(tcp(node, near.address(true), 80, false)).as("out").isFalse();
    assertThat(udp(node, near.address(true), 53, true)).as("DNS").isTrue();
    assertThat(tcp(far, NODE, 80, true)).as("in by another interface").isTrue();
    assertThat(tcp(node, far.address(true), 80, true)).as("out by another interface").isTrue();
    assertThat(tcp(near, POD, 80, true)).as("to a pod").isTrue();
    assertThat(tcp(pod, near.address(true), 80, true)).as("from a pod").isTrue();
    assertThat(tcp(near, far.address(true), 80, true)).as("through").isTrue();
    assertThat(tcp(pod, NODE, 80, true)).as("pod to node").isTrue();
    assertThat(tcp(node, POD, 80, true)).as("node to pod").isTrue();
  }

  @Test
  void anEndpointOfEveryInterfaceLeavesNodeAndPodsAlone() throws Exception {
    seen("hostendpoints", "h", "{'node':'n1','interfaceName':'*'}");
    assertThat(tcp(far, NODE, 80, false)).as("in").isFalse();
    assertThat(tcp(node, far.address(true), 80, false)).as("out").isFalse();
    assertThat(tcp(pod, NODE, 80, true)).as("pod to node").isTrue();
    assertThat(tcp(node, POD, 80, true)).as("node to pod").isTrue();
    assertThat(tcp(node, NODE, 80, true)).as("the node with itself").isTrue();
    assertThat(tcp(near, POD, 80, true)).as("to a pod").isTrue();
    seen(
        "hostendpoints",
        "h",
        "{'node':'n1','interfaceName':'*','profiles':['projectcalico-default-allow']}");
    assertThat(tcp(far, NODE, 80, true)).as("in by profile").isTrue();
    assertThat(tcp(node, far.address(true), 80, true)).as("out by profile").isTrue();
  }

  /** Neighbours are not permanent here, so each end has to ask for the other's address first. */
  @Test
  void neighbourDiscoveryPasses() throws Exception {
    seen("hostendpoints", "h", "{'node':'n1','interfaceName':'eth0'}");
    seen(
        "globalnetworkpolicies",
        "p",
        "{'selector':'has(host)','doNotTrack':true,"
            + "'applyOnForward':true,'types':['Ingress','Egress'],'ingress':[{'action':'Deny'}],"
            + "'egress':[{'action':'Deny'}]}");
    NetworkLab.run(
        near.namespace(), "ip", "-6", "neigh", "flush", "dev", "eth0", "nud", "permanent");
    NetworkLab.run(lab.node(), "ip", "-6", "neigh", "flush", "dev", "eth0", "nud", "permanent");
    assertThat(tcp(near, NODE6, 22, true)).isTrue();
    assertThat(tcp(near, NODE6, 80, false)).isFalse();
  }

  @Test
  void aConnectionIsCutWhenAPolicyDeniesIt() throws Exception {
    seen(
        "hostendpoints",
        "h",
        "{'node':'n1','interfaceName':'eth0','profiles':['projectcalico-default-allow']}");
    try (SocketChannel in = near.tcp(near.address(true));
        SocketChannel out = node.tcp(NODE)) {
      in.connect(new InetSocketAddress(NODE.toInetAddress(), 80));
      out.connect(new InetSocketAddress(near.address(true).toInetAddress(), 80));
      assertThat(within(true, in::finishConnect)).isTrue();
      assertThat(within(true, out::finishConnect)).isTrue();
      assertThat(echoes(in, true)).isTrue();
      assertThat(echoes(out, true)).isTrue();
      seen("globalnetworkpolicies", "p", "{'selector':'has(host)','ingress':[{'action':'Deny'}]}");
      assertThat(echoes(in, false)).as("ingress").isFalse();
      assertThat(echoes(out, true)).as("replies of the node's own").isTrue();
      seen("globalnetworkpolicies", "p", "{'selector':'has(host)','egress':[{'action':'Deny'}]}");
      assertThat(echoes(in, true)).as("replies to others").isTrue();
      assertThat(echoes(out, false)).as("egress").isFalse();
    }
  }

  @Test
  void whatIsNotTrackedHasNoConnection() throws Exception {
    seen("hostendpoints", "h", "{'node':'n1','interfaceName':'eth0'}");
    seen(
        "globalnetworkpolicies",
        "p",
        "{'selector':'has(host)','doNotTrack':true,'applyOnForward':true,"
            + "'ingress':[{'action':'Allow','protocol':'TCP','destination':{'ports':[80]}},"
            + "{'action':'Deny','protocol':'TCP','destination':{'ports':[22,81]}}],"
            + "'egress':[{'action':'Allow','protocol':'TCP','source':{'ports':[80]}}]}");
    assertThat(tcp(near, NODE, 80, true)).as("both ways without tracking").isTrue();
    assertThat(tcp(near, NODE, 22, true)).as("SSH, tracked").isTrue();
    assertThat(tcp(near, NODE, 81, false)).as("denied").isFalse();
    try (ConntrackSocket conntrack = ConntrackSocket.openIn(lab.node())) {
      assertThat(conntrack.list(FlowFilter.ALL).toString())
          .matches("(?s).*\\b22\\b.*")
          .doesNotMatch("(?s).*\\b80\\b.*");
    }
    seen(
        "globalnetworkpolicies",
        "p",
        "{'selector':'has(host)','doNotTrack':true,'applyOnForward':true,"
            + "'ingress':[{'action':'Allow','protocol':'TCP','destination':{'ports':[80]}}]}");
    assertThat(tcp(near, NODE, 80, false)).as("no way back without tracking").isFalse();
  }

  /**
   * @param expected how long to wait: for silence a moment, for an answer as long as it takes
   */
  private static boolean tcp(Host from, IpAddress to, int port, boolean expected) throws Exception {
    try (SocketChannel channel = from.tcp(from.address(to.isIpv4()))) {
      channel.connect(new InetSocketAddress(to.toInetAddress(), port));
      return within(expected, channel::finishConnect);
    }
  }

  private static boolean udp(Host from, IpAddress to, int port, boolean expected) throws Exception {
    try (DatagramChannel channel = from.udp(from.address(to.isIpv4()), 0)) {
      channel.connect(new InetSocketAddress(to.toInetAddress(), port));
      channel.write(ByteBuffer.wrap(new byte[] {1}));
      return within(expected, () -> channel.read(ByteBuffer.allocate(8)) > 0);
    }
  }

  private static boolean echoes(SocketChannel channel, boolean expected) throws Exception {
    channel.write(ByteBuffer.wrap(new byte[] {1}));
    return within(expected, () -> channel.read(ByteBuffer.allocate(8)) > 0);
  }

  private interface Attempt {
    boolean answered() throws Exception;
  }

  private static boolean within(boolean expected, Attempt attempt) throws Exception {
    long end = System.nanoTime() + (expected ? PATIENCE : SILENCE).toNanos();
    while (System.nanoTime() < end) {
      if (attempt.answered()) {
        return true;
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
    return false;
  }
}
