package io.portolan.policy.agent;

import static io.portolan.policy.agent.Connecting.connects;
import static io.portolan.policy.agent.Connecting.isSilent;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.nflog.NflogReader;
import io.portolan.policy.calico.CalicoKinds;
import io.portolan.policy.compile.Reporting;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterNetworkPolicies;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.PodName;
import io.portolan.policy.nft.Skeleton;
import io.portolan.policy.reports.FlowLog;
import io.portolan.policy.reports.FlowRecorder;
import io.portolan.policy.reports.PolicyCounts;
import io.portolan.policy.reports.RotatingFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packets that policy drops, by the kernel's own records and counters. */
class FlowLogNetnsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<IpAddress> WEB =
      List.of(IpAddress.parse("10.1.0.1"), IpAddress.parse("fd00:1::1"));
  private static final List<IpAddress> DB =
      List.of(IpAddress.parse("10.1.0.2"), IpAddress.parse("fd00:1::2"));

  private final FlowLines written;
  private final NetworkLab lab = new NetworkLab();
  private final EchoServers servers = new EchoServers();
  private final Host web = lab.attach("vweb", WEB);
  private final Host db = lab.attach("vdb", DB);
  private final Enforcer enforcer =
      new Enforcer(
          lab.tables(), () -> {}, new RecordingObserver(), InstantSource.system(), Reporting.ALL);

  FlowLogNetnsIT(@TempDir Path directory) {
    this.written = new FlowLines(directory.resolve("flows.log"), "db");
  }

  @BeforeEach
  void aDatabaseThatIsGuarded() throws Exception {
    servers.serve(db, 5432).serve(db, 22).serve(db, 80);
    enforcer.start();
    enforcer.synced();
    enforcer.apply(new ClusterChange.NamespaceSeen("shop", Map.of()));
    pod("web", WEB).forEach(enforcer::apply);
    pod("db", DB).forEach(enforcer::apply);
    guard("[{\"ports\":[{\"port\":5432}]}]");
    enforcer.apply(
        new ClusterChange.PolicySeen(
            ClusterNetworkPolicies.decode(
                JSON.readTree(
                    """
                    {"metadata":{"name":"no-ssh"},"spec":{"tier":"Admin","priority":1,
                     "subject":{"namespaces":{}},"egress":[{"action":"Deny",
                      "to":[{"namespaces":{}}],
                      "protocols":[{"tcp":{"destinationPort":{"number":22}}}]}]}}\
                    """))));
    enforcer.apply(
        CalicoKinds.own("networkpolicies")
            .seen()
            .apply(
                JSON.readTree(
                    """
                    {"metadata":{"namespace":"shop","name":"watch"},"spec":{"order":1,
                     "selector":"app == 'db'","types":["Ingress"],"ingress":[
                     {"action":"Log","protocol":"TCP","destination":{"ports":[5432]}}]}}\
                    """))
            .change()
            .orElseThrow());
    assertThat(enforcer.commit()).isTrue();
  }

  @AfterEach
  void close() {
    servers.close();
    lab.close();
  }

  @Test
  void everyDropSaysWhoWhatAndWhy() throws Exception {
    FlowRecorder recorder = recorder();
    try (FlowLog log = logging(recorder)) {
      assertThat(connects(web, DB.getFirst(), 5432)).isTrue();
      assertThat(connects(web, DB.getLast(), 5432)).isTrue();
      assertThat(isSilent(web, DB.getFirst(), 80)).isTrue();
      assertThat(isSilent(web, DB.getLast(), 80)).isTrue();
      assertThat(isSilent(web, DB.getFirst(), 22)).isTrue();
      NetworkLab.run(web.namespace(), "sh", "-c", "ping -c 1 -W 1 10.1.0.2 || true");
      written.await(6);
      assertThat(log).isNotNull();
    }
    assertThat(written.summary())
        .containsExactly(
            "denied egress rule kube-admin no-ssh#0: tcp shop/web 10.1.0.1 > shop/db 10.1.0.2:22",
            "denied ingress end-of-tier default watch,db: icmp 8/0 shop/web 10.1.0.1 > shop/db"
                + " 10.1.0.2",
            "denied ingress end-of-tier default watch,db: tcp shop/web 10.1.0.1 > shop/db"
                + " 10.1.0.2:80",
            "denied ingress end-of-tier default watch,db: tcp shop/web fd00:1::1 > shop/db"
                + " fd00:1::2:80",
            "logged ingress rule default watch#0: tcp shop/web 10.1.0.1 > shop/db 10.1.0.2:5432",
            "logged ingress rule default watch#0: tcp shop/web fd00:1::1 > shop/db fd00:1::2:5432");
    assertThat(recorder.toString()).endsWith("overrun 0, full 0, malformed 0, failed 0");
  }

  /** The client's packets show it, or, where only the server speaks, the server's. */
  @Test
  void aConnectionThatPolicyComesToDenyIsToldOf() throws Exception {
    FlowRecorder recorder = recorder();
    try (FlowLog log = logging(recorder);
        ServerSocketChannel server = db.listen(DB.getLast(), 6000);
        SocketChannel asking = web.tcp(WEB.getFirst());
        SocketChannel listening = web.tcp(WEB.getLast())) {
      guard("[{\"ports\":[{\"port\":5432},{\"port\":6000}]}]");
      open(asking, DB.getFirst(), 5432);
      open(listening, DB.getLast(), 6000);
      try (SocketChannel accepted = server.accept()) {
        written.await(1);
        guard("[{\"ports\":[{\"port\":80}]}]");
        asking.write(ByteBuffer.wrap(new byte[] {1}));
        accepted.write(ByteBuffer.wrap(new byte[] {1}));
        written.await(3);
      }
      assertThat(log).isNotNull();
    }
    assertThat(written.summary())
        .containsExactly(
            "denied established ingress end-of-tier default watch,db: tcp shop/web 10.1.0.1 >"
                + " shop/db 10.1.0.2:5432",
            "denied established ingress end-of-tier default watch,db: tcp shop/web fd00:1::1 >"
                + " shop/db fd00:1::2:6000",
            "logged ingress rule default watch#0: tcp shop/web 10.1.0.1 > shop/db 10.1.0.2:5432");
    assertThat(recorder.toString()).endsWith("overrun 0, full 0, malformed 0, failed 0");
  }

  /** As a packet meets it that comes while the pods' elements are replaced. */
  @Test
  void whatMeetsAChangeHalfWayIsToldOf() throws Exception {
    FlowRecorder recorder = recorder();
    try (FlowLog log = logging(recorder)) {
      lab.nft("delete", "element", "inet", "portolan", "ingress4", "{ 10.1.0.2 }");
      lab.nft("delete", "element", "inet", "portolan", "egress6", "{ fd00:1::1 }");
      assertThat(isSilent(web, DB.getFirst(), 5432)).isTrue();
      assertThat(isSilent(web, DB.getLast(), 5432)).isTrue();
      written.await(2);
      assertThat(log).isNotNull();
    }
    assertThat(written.summary())
        .containsExactly(
            "denied egress changing  no-ssh: tcp shop/web fd00:1::1 > shop/db fd00:1::2:5432",
            "denied ingress changing  watch,db: tcp shop/web 10.1.0.1 > shop/db 10.1.0.2:5432");
  }

  /** What the policy of the database lets in, as JSON. */
  private void guard(String ingress) throws Exception {
    enforcer.apply(
        new ClusterChange.PolicySeen(
            NetworkPolicies.decode(
                JSON.readTree(
                    """
                    {"metadata":{"namespace":"shop","name":"db"},"spec":{
                     "podSelector":{"matchLabels":{"app":"db"}},"ingress":%s}}\
                    """
                        .formatted(ingress)))));
    assertThat(enforcer.commit()).isTrue();
  }

  private static void open(SocketChannel channel, IpAddress to, int port) throws Exception {
    channel.connect(new InetSocketAddress(to.toInetAddress(), port));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!channel.finishConnect() && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(2);
    }
    assertThat(channel.isConnected()).isTrue();
  }

  /** With a reader, with one that does not read, and with none: what is denied stays denied. */
  @Test
  void aFloodIsDroppedWholeAndRecordedInPart() throws Exception {
    FlowRecorder recorder = recorder();
    PolicyCounts counts =
        new PolicyCounts(() -> lab.tables().counters(Skeleton.TABLE), enforcer.reportNames());
    try (DatagramChannel listener = db.udp(DB.getFirst(), 9999)) {
      try (FlowLog log = logging(recorder)) {
        flood(5000);
        assertThat(listener.receive(ByteBuffer.allocate(100))).isNull();
        written.await(1);
        assertThat(log).isNotNull();
      }
      long recorded = 0;
      for (JsonNode line : written.lines()) {
        recorded += line.path("packets").asLong();
      }
      assertThat(recorded).isBetween(1L, 1000L);
      assertThat(denied(counts)).isEqualTo(5000);
      flood(5000);
      assertThat(listener.receive(ByteBuffer.allocate(100))).as("nobody reads").isNull();
      assertThat(denied(counts)).isEqualTo(10_000);
    }
    assertThat(connects(web, DB.getFirst(), 5432)).isTrue();
  }

  private static long denied(PolicyCounts counts) {
    return counts.rows().stream()
        .filter(row -> row.counted().policy().isEmpty() && !row.counted().allowed())
        .mapToLong(row -> row.count().packets())
        .sum();
  }

  private void flood(int packets) throws IOException {
    try (DatagramChannel channel = web.udp(WEB.getFirst(), 0)) {
      channel.configureBlocking(true);
      for (int i = 0; i < packets; i++) {
        channel.send(
            ByteBuffer.allocate(20), new InetSocketAddress(DB.getFirst().toInetAddress(), 9999));
      }
    }
  }

  private FlowRecorder recorder() {
    return new FlowRecorder(
        enforcer.reportNames(),
        enforcer::owners,
        new RotatingFile(written.file(), 1_000_000, 1),
        "node-1");
  }

  private FlowLog logging(FlowRecorder recorder) throws InterruptedException {
    FlowLog log =
        FlowLog.start(
            group -> NflogReader.openIn(lab.node(), group),
            recorder,
            new RotatingFile(written.file(), 1_000_000, 1),
            InstantSource.system(),
            Duration.ofMillis(100));
    // Whether it reads already shows by a record; another pod's, so that it does not count here.
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!Files.exists(written.file()) && System.nanoTime() < deadline) {
      isSilent(db, WEB.getFirst(), 22);
    }
    return log;
  }

  private static List<ClusterChange> pod(String name, List<IpAddress> addresses) {
    PodName pod = new PodName("shop", name);
    return List.of(
        new ClusterChange.PodSeen(
            new ClusterPod(
                pod,
                "uid-" + name,
                Map.of("app", name),
                "",
                false,
                addresses,
                List.of(),
                Instant.EPOCH)),
        new ClusterChange.PodWired(new LocalPod(pod, "uid-" + name, "v" + name, addresses)));
  }
}
