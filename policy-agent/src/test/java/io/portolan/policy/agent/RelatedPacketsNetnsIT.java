package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.calico.CalicoPolicies;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.PodName;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What belongs to an allowed connection passes where everything else is denied, by rule and not
 * only for want of one: answers, and errors that routers and hosts report about it. So do the
 * packets without which IPv6 finds nobody.
 */
class RelatedPacketsNetnsIT {
  private static final List<IpAddress> POD =
      List.of(IpAddress.parse("10.0.0.1"), IpAddress.parse("fd00::1"));
  private static final List<IpAddress> OUTSIDE =
      List.of(IpAddress.parse("192.0.2.7"), IpAddress.parse("2001:db8::7"));
  private static final LocalPod LOCAL =
      new LocalPod(new PodName("a", "pod"), "uid", "vethpod", POD);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Behind the host outside, over a link of 1280 bytes. */
  private static final List<IpAddress> BEHIND =
      List.of(IpAddress.parse("198.51.100.9"), IpAddress.parse("2001:db8:1::9"));

  /** Denies all there is, but for connections to two ports. */
  private static final String POLICY =
      """
      {"metadata":{"name":"p"},"spec":{"selector":"all()","types":["Ingress","Egress"],
       "ingress":[{"action":"Deny"}],
       "egress":[
         {"action":"Deny","protocol":"ICMP"},{"action":"Deny","protocol":"ICMPv6"},
         {"action":"Allow","protocol":"UDP","destination":{"ports":[53]}},
         {"action":"Allow","protocol":"TCP","destination":{"ports":[80]}},
         {"action":"Deny"}]}}\
      """;

  private final NetworkLab lab = new NetworkLab();
  private final EchoServers servers = new EchoServers();
  private final Enforcer enforcer =
      new Enforcer(lab.tables(), () -> {}, new RecordingObserver(), InstantSource.system());
  private Host pod;
  private Host outside;

  @BeforeEach
  void wire() throws Exception {
    pod = lab.attach("vethpod", POD);
    outside = lab.attach("uplink", OUTSIDE);
    enforcer.start();
  }

  private void enforce() throws Exception {
    enforcer.apply(new ClusterChange.NamespaceSeen("a", Map.of()));
    enforcer.apply(
        CalicoPolicies.globalNetworkPolicy(new ObjectMapper().readTree(POLICY))
            .change()
            .orElseThrow());
    enforcer.apply(
        new ClusterChange.PodSeen(
            new ClusterPod(
                LOCAL.name(), "uid", Map.of(), "", false, POD, List.of(), Instant.EPOCH)));
    enforcer.apply(new ClusterChange.PodWired(LOCAL));
    enforcer.synced();
    assertThat(enforcer.commit()).isTrue();
  }

  /**
   * With marks of somebody else's in their lower half, packets of connections that were judged
   * before are judged again, each of them.
   */
  private void mark(boolean marked) {
    if (marked) {
      lab.nft(
          "add table inet marks; add chain inet marks p { type filter hook prerouting priority"
              + " mangle; }; add rule inet marks p ct mark set ct mark or 0x4000");
    }
  }

  @AfterEach
  void close() {
    servers.close();
    lab.close();
  }

  @ParameterizedTest
  @CsvSource({"0, false", "0, true", "1, false", "1, true"})
  void answersPass(int family, boolean marked) throws Exception {
    enforce();
    mark(marked);
    servers.serve(outside, 80).serve(outside, 53).serve(outside, 54);
    try (SocketChannel tcp = pod.tcp(POD.get(family))) {
      tcp.connect(new InetSocketAddress(OUTSIDE.get(family).toInetAddress(), 80));
      await(tcp::finishConnect);
    }
    try (DatagramChannel udp = sent(family, OUTSIDE, 53, 8)) {
      await(() -> udp.read(ByteBuffer.allocate(8)) > 0);
    }
  }

  /** Nobody listens: the host's ICMP says so, and the sender hears of it. */
  @ParameterizedTest
  @CsvSource({"0, false", "0, true", "1, false", "1, true"})
  void portUnreachablePasses(int family, boolean marked) throws Exception {
    enforce();
    mark(marked);
    try (DatagramChannel udp = sent(family, OUTSIDE, 53, 8)) {
      assertThatThrownBy(() -> await(() -> udp.read(ByteBuffer.allocate(8)) > 0))
          .isInstanceOf(PortUnreachableException.class);
    }
  }

  /** A router further on says how much it can carry, and the sender remembers. */
  @ParameterizedTest
  @CsvSource({"0, false", "0, true", "1, false", "1, true"})
  void fragmentationNeededPasses(int family, boolean marked) throws Exception {
    mark(marked);
    String six = family == 0 ? "" : "-6 ";
    String network = family == 0 ? "198.51.100.0/24" : "2001:db8:1::/64";
    NetworkLab.run(
        outside.namespace(),
        "sh",
        "-c",
        "sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1"
            + " && ip link add narrow mtu 1280 type veth peer name end && ip link set narrow up"
            + " && ip "
            + six
            + "route add "
            + network
            + " dev narrow");
    NetworkLab.run(
        lab.node(),
        "sh",
        "-c",
        "ip "
            + six
            + "route add "
            + network
            + " via "
            + OUTSIDE.get(family)
            + " dev uplink onlink");
    enforce();
    String[] asking = {"ip", "route", "get", BEHIND.get(family).toString()};
    assertThat(NetworkLab.run(pod.namespace(), asking)).doesNotContain("mtu 1280");
    try (DatagramChannel _ = sent(family, BEHIND, 53, 1400)) {
      await(() -> NetworkLab.run(pod.namespace(), asking).contains("mtu 1280"));
    }
  }

  /** Both ways: the pod looks for its router, the node for the pod. */
  @Test
  void neighboursAreFoundUnderDenial() throws Exception {
    enforce();
    findEachOther();
  }

  /** Also while the pod is closed altogether, when not even its own node reaches it otherwise. */
  @Test
  void neighboursAreFoundInIsolation() throws Exception {
    enforcer.isolate(LOCAL);
    findEachOther();
    assertThat(ping()).contains("100% packet loss");
  }

  private void findEachOther() throws Exception {
    NetworkLab.run(pod.namespace(), "ip", "neigh", "del", "fe80::1", "dev", "eth0");
    NetworkLab.run(lab.node(), "ip", "neigh", "del", POD.get(1).toString(), "dev", "vethpod");
    // Whatever is sent is denied; that a neighbour is asked for comes before.
    try (DatagramChannel _ = sent(1, OUTSIDE, 9, 8)) {
      await(() ->
          NetworkLab.run(pod.namespace(), "ip", "-6", "neigh", "show", "fe80::1")
              .contains("lladdr ee:ee:ee:ee:ee:ee"));
    }
    DatagramChannel fromNode = lab.nodeAsHost().udp(IpAddress.parse("::"), 0);
    try (fromNode) {
      fromNode.send(ByteBuffer.allocate(8), new InetSocketAddress(POD.get(1).toInetAddress(), 9));
    } catch (IOException e) {
      // Denied on the way out, in isolation: then nobody is looked for.
      return;
    }
    await(() ->
        NetworkLab.run(lab.node(), "ip", "-6", "neigh", "show", POD.get(1).toString())
            .contains("lladdr 02:"));
  }

  private String ping() {
    return NetworkLab.run(
        lab.node(), "sh", "-c", "ping -6 -c 1 -W 1 " + POD.get(1) + " 2>&1 || true");
  }

  private DatagramChannel sent(int family, List<IpAddress> to, int port, int bytes)
      throws IOException {
    DatagramChannel udp = pod.udp(POD.get(family), 0);
    udp.connect(new InetSocketAddress(to.get(family).toInetAddress(), port));
    udp.write(ByteBuffer.allocate(bytes));
    return udp;
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(Condition condition) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    while (!condition.holds()) {
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(PATIENCE);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }
}
