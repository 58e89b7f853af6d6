package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.calico.CalicoPolicies;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.EndpointSlice;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.PodName;
import io.portolan.policy.model.Protocol;
import io.portolan.policy.model.ServiceName;
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
import org.junit.jupiter.api.Test;

/** A pod that may reach the endpoints of one service, and be reached from those of another. */
class ServicePacketsNetnsIT {
  private static final IpAddress WEB = IpAddress.parse("10.0.0.1");
  private static final IpAddress DB = IpAddress.parse("10.0.0.2");
  private static final IpAddress OTHER = IpAddress.parse("10.0.0.3");
  private static final Duration SILENCE = Duration.ofMillis(700);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String POLICY =
      "{'metadata':{'namespace':'shop','name':'web'},'spec':{'selector':'app == ^web^',"
          + "'egress':[{'action':'Allow','destination':{'services':{'name':'db'}}}],"
          + "'ingress':[{'action':'Allow','source':{'services':{'name':'clients','namespace':'x'}}}]}}";

  @Test
  void connectionsPassToAndFromTheEndpointsOnly() throws Exception {
    JsonNode policy = new ObjectMapper().readTree(POLICY.replace('\'', '"').replace('^', '\''));
    try (NetworkLab lab = new NetworkLab();
        EchoServers servers = new EchoServers()) {
      Host web = lab.attach("vethweb", List.of(WEB));
      Host db = lab.attach("vethdb", List.of(DB));
      Host other = lab.attach("vethother", List.of(OTHER));
      for (Host host : List.of(web, db, other)) {
        servers.serve(host, 5432).serve(host, 80);
      }
      Enforcer enforcer =
          new Enforcer(lab.tables(), () -> {}, new RecordingObserver(), InstantSource.system());
      enforcer.start();
      enforcer.apply(new ClusterChange.NamespaceSeen("shop", Map.of()));
      enforcer.apply(CalicoPolicies.networkPolicy(policy).change().orElseThrow());
      enforcer.apply(pod());
      enforcer.apply(
          new ClusterChange.PodWired(
              new LocalPod(new PodName("shop", "web"), "uid", "vethweb", List.of(WEB))));
      enforcer.apply(slice("shop", "db", DB, List.of(Protocol.TCP)));
      enforcer.synced();
      enforcer.commit();
      assertThat(lab.nft("list", "ruleset"))
          .contains("ct reply ip saddr . meta l4proto . ct reply proto-src @endpoints4/ports")
          .contains("10.0.0.2 . tcp . 5432");

      assertThat(tcp(web, DB, 5432, true)).as("an endpoint").isTrue();
      assertThat(tcp(web, DB, 80, false)).as("another port").isFalse();
      assertThat(udp(web, DB, 5432, false)).as("another protocol").isFalse();
      assertThat(tcp(web, OTHER, 5432, false)).as("another address").isFalse();
      assertThat(tcp(other, WEB, 80, false)).as("no client yet").isFalse();

      enforcer.apply(slice("shop", "db", OTHER, List.of(Protocol.UDP)));
      enforcer.apply(slice("x", "clients", OTHER, List.of()));
      enforcer.commit();
      assertThat(tcp(web, DB, 5432, false)).as("an endpoint no more").isFalse();
      assertThat(udp(web, OTHER, 5432, true)).as("the endpoint now").isTrue();
      assertThat(tcp(other, WEB, 80, true)).as("a client, from any port").isTrue();
      assertThat(tcp(db, WEB, 80, false)).as("no client").isFalse();
    }
  }

  private static ClusterChange pod() {
    return new ClusterChange.PodSeen(
        new ClusterPod(
            new PodName("shop", "web"),
            "uid",
            Map.of("app", "web"),
            "",
            false,
            List.of(WEB),
            List.of(),
            Instant.EPOCH));
  }

  private static ClusterChange slice(
      String namespace, String service, IpAddress address, List<Protocol> protocols) {
    return new ClusterChange.EndpointSliceSeen(
        new EndpointSlice(
            new ServiceName(namespace, service),
            service + "-1",
            List.of(address),
            protocols.stream().map(p -> new EndpointSlice.Port(p, 5432)).toList()));
  }

  /**
   * @param expected how long to wait: for silence a moment, for an answer as long as it takes
   */
  private static boolean tcp(Host from, IpAddress to, int port, boolean expected) throws Exception {
    try (SocketChannel channel = from.tcp(from.addresses().getFirst())) {
      channel.connect(new InetSocketAddress(to.toInetAddress(), port));
      return within(expected, channel::finishConnect);
    }
  }

  private static boolean udp(Host from, IpAddress to, int port, boolean expected) throws Exception {
    try (DatagramChannel channel = from.udp(from.addresses().getFirst(), 0)) {
      channel.connect(new InetSocketAddress(to.toInetAddress(), port));
      channel.write(ByteBuffer.wrap(new byte[] {1}));
      return within(expected, () -> channel.read(ByteBuffer.allocate(8)) > 0);
    }
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
