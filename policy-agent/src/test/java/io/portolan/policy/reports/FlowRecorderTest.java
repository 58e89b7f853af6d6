package io.portolan.policy.reports;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.linux.nflog.LoggedPacket;
import io.portolan.policy.compile.Owner;
import io.portolan.policy.compile.PolicyCompiler;
import io.portolan.policy.compile.Reporting;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterNetworkPolicies;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.PodName;
import io.portolan.policy.nft.DesiredTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Packets as the kernel's records bring them, and the lines that come of them. */
class FlowRecorderTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant NOON = Instant.parse("2026-07-01T12:00:00.123456Z");

  private final DesiredTable table = new DesiredTable();
  private final PolicyCompiler compiler = new PolicyCompiler(table, Reporting.ALL);
  private final Written sink = new Written();
  private final FlowRecorder recorder =
      new FlowRecorder(compiler.reportNames(), this::owners, sink, "node-1");

  /** Keeps what is written, unless it is told to fail. */
  private static final class Written implements FlowSink {
    private final StringBuilder text = new StringBuilder();
    private boolean fails;

    @Override
    public void write(byte[] lines) throws IOException {
      if (fails) {
        throw new IOException("no space left on device");
      }
      text.append(new String(lines, StandardCharsets.UTF_8));
    }

    @Override
    public void close() {}
  }

  FlowRecorderTest() throws Exception {
    compiler.apply(new ClusterChange.NamespaceSeen("shop", Map.of()));
    pod("web", "10.0.0.1", false);
    pod("db", "10.0.0.2", true);
    compiler.apply(
        new ClusterChange.PolicySeen(
            NetworkPolicies.decode(
                JSON.readTree(
                    """
                    {"metadata":{"namespace":"shop","name":"db"},
                     "spec":{"podSelector":{},"ingress":[{"ports":[{"port":5432}]}]}}\
                    """))));
    compiler.apply(
        new ClusterChange.PolicySeen(
            ClusterNetworkPolicies.decode(
                JSON.readTree(
                    """
                    {"metadata":{"name":"guard"},"spec":{"tier":"Admin","priority":1,
                     "subject":{"namespaces":{}},"ingress":[{"action":"Accept",
                      "from":[{"namespaces":{"matchLabels":{"a":"b"}}}]},{"action":"Deny",
                      "from":[{"namespaces":{}}]}]}}\
                    """))));
    compiler.settle();
  }

  private void pod(String name, String address, boolean local) {
    PodName pod = new PodName("shop", name);
    List<IpAddress> addresses = List.of(IpAddress.parse(address));
    compiler.apply(
        new ClusterChange.PodSeen(
            new ClusterPod(
                pod, "uid-" + name, Map.of(), "", false, addresses, List.of(), Instant.EPOCH)));
    if (local) {
      compiler.apply(
          new ClusterChange.PodWired(new LocalPod(pod, "uid-" + name, "v" + name, addresses)));
    }
  }

  private Map<IpAddress, Owner> owners(Set<IpAddress> addresses) {
    return compiler.owners(addresses);
  }

  @Test
  void aLineSaysWhoseAndWhyAndHowMany() {
    for (int i = 0; i < 3; i++) {
      recorder.packet(tcp("denied cnp/guard ingress[1]", 40_000 + i, 22), NOON.plusMillis(10L * i));
    }
    recorder.packet(tcp(endOfTier(), 40_009, 23), NOON);
    recorder.packet(tcp("denied spoofing", 1, 2), NOON);
    recorder.packet(tcp("denied isolated", 1, 2), NOON);
    // What comes back from port 22 of web to db.
    recorder.packet(tcp("denied replies cnp/guard ingress[1]", 22, 40_000), NOON);
    recorder.packet(tcp("denied established undecided_ingress", 40_000, 24), NOON);
    recorder.packet(tcp("denied undecided_egress", 40_000, 24), NOON);
    recorder.flush();
    recorder.flush();
    assertThat(sink.text)
        .hasToString(
            """
            {"time":"2026-07-01T12:00:00.123Z","last":"2026-07-01T12:00:00.143Z","node":"node-1",\
            "verdict":"denied","connection":"new","direction":"ingress","reason":"rule","rule":1,"tier":"kube-admin",\
            "policies":[{"kind":"ClusterNetworkPolicy","name":"guard"}],\
            "family":"IPv4","protocol":"tcp",\
            "source":{"address":"10.0.0.1","port":40000,"namespace":"shop","pod":"web"},\
            "destination":{"address":"10.0.0.2","port":22,"namespace":"shop","pod":"db"},\
            "packets":3,"bytes":180}
            {"time":"2026-07-01T12:00:00.123Z","last":"2026-07-01T12:00:00.123Z","node":"node-1",\
            "verdict":"denied","connection":"new","direction":"ingress","reason":"end-of-tier","tier":"default",\
            "policies":[{"kind":"NetworkPolicy","namespace":"shop","name":"db"}],\
            "family":"IPv4","protocol":"tcp",\
            "source":{"address":"10.0.0.1","port":40009,"namespace":"shop","pod":"web"},\
            "destination":{"address":"10.0.0.2","port":23,"namespace":"shop","pod":"db"},\
            "packets":1,"bytes":60}
            {"time":"2026-07-01T12:00:00.123Z","last":"2026-07-01T12:00:00.123Z","node":"node-1",\
            "verdict":"denied","reason":"spoofed","family":"IPv4","protocol":"tcp",\
            "source":{"address":"10.0.0.1","port":1,"namespace":"shop","pod":"web"},\
            "destination":{"address":"10.0.0.2","port":2,"namespace":"shop","pod":"db"},\
            "packets":1,"bytes":60}
            {"time":"2026-07-01T12:00:00.123Z","last":"2026-07-01T12:00:00.123Z","node":"node-1",\
            "verdict":"denied","connection":"new","reason":"isolated","family":"IPv4","protocol":"tcp",\
            "source":{"address":"10.0.0.1","port":1,"namespace":"shop","pod":"web"},\
            "destination":{"address":"10.0.0.2","port":2,"namespace":"shop","pod":"db"},\
            "packets":1,"bytes":60}
            {"time":"2026-07-01T12:00:00.123Z","last":"2026-07-01T12:00:00.123Z","node":"node-1",\
            "verdict":"denied","connection":"established","direction":"ingress","reason":"rule",\
            "rule":1,"tier":"kube-admin",\
            "policies":[{"kind":"ClusterNetworkPolicy","name":"guard"}],\
            "family":"IPv4","protocol":"tcp",\
            "source":{"address":"10.0.0.2","port":40000,"namespace":"shop","pod":"db"},\
            "destination":{"address":"10.0.0.1","port":22,"namespace":"shop","pod":"web"},\
            "packets":1,"bytes":60}
            {"time":"2026-07-01T12:00:00.123Z","last":"2026-07-01T12:00:00.123Z","node":"node-1",\
            "verdict":"denied","connection":"established","direction":"ingress",\
            "reason":"changing","policies":[{"kind":"ClusterNetworkPolicy","name":"guard"},\
            {"kind":"NetworkPolicy","namespace":"shop","name":"db"}],\
            "family":"IPv4","protocol":"tcp",\
            "source":{"address":"10.0.0.1","port":40000,"namespace":"shop","pod":"web"},\
            "destination":{"address":"10.0.0.2","port":24,"namespace":"shop","pod":"db"},\
            "packets":1,"bytes":60}
            {"time":"2026-07-01T12:00:00.123Z","last":"2026-07-01T12:00:00.123Z","node":"node-1",\
            "verdict":"denied","connection":"new","direction":"egress",\
            "reason":"changing","policies":[],"family":"IPv4","protocol":"tcp",\
            "source":{"address":"10.0.0.1","port":40000,"namespace":"shop","pod":"web"},\
            "destination":{"address":"10.0.0.2","port":24,"namespace":"shop","pod":"db"},\
            "packets":1,"bytes":60}
            """);
  }

  /** The prefix of the class's own record, as it is in the table. */
  private String endOfTier() {
    return table.image().chains().keySet().stream()
        .filter(chain -> chain.startsWith("class/ingress/"))
        .sorted()
        .map(chain -> "denied " + chain)
        .filter(prefix -> compiler.reportNames().ofPrefix(prefix).isPresent())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whateverComesIsOneLineOfJson() throws Exception {
    recorder.packet(tcp("denied \"},\n{\"verdict\":\"allowed\" \u2028 \u0007", 1, 2), NOON);
    recorder.flush();
    assertThat(sink.text.toString().lines()).hasSize(1);
    assertThat(JSON.readTree(sink.text.toString()).path("reason").asText()).isEqualTo("unknown");
    assertThat(JSON.readTree(sink.text.toString()).path("verdict").asText()).isEqualTo("denied");
  }

  @Test
  void whatIsLostIsCounted() {
    for (int i = 0; i < FlowRecorder.MOST_FLOWS + 100; i++) {
      recorder.packet(tcp("denied isolated", 1, i), NOON);
    }
    recorder.packet(packet("denied isolated", 0x0800, new byte[3]), NOON);
    recorder.lost();
    recorder.flush();
    assertThat(sink.text.toString().lines()).hasSize(FlowRecorder.MOST_FLOWS);
    assertThat(recorder).hasToString("written 4096, overrun 1, full 100, malformed 1, failed 0");
    sink.fails = true;
    recorder.packet(tcp("denied isolated", 1, 2), NOON);
    recorder.flush();
    sink.fails = false;
    recorder.packet(tcp("denied isolated", 1, 3), NOON);
    recorder.flush();
    assertThat(recorder).hasToString("written 4097, overrun 1, full 100, malformed 1, failed 1");
  }

  private static LoggedPacket tcp(String prefix, int sourcePort, int port) {
    ByteBuffer bytes = ByteBuffer.allocate(40);
    bytes.put((byte) 0x45).put((byte) 0).putShort((short) 60).putInt(0);
    bytes.put((byte) 64).put((byte) 6).putShort((short) 0);
    bytes.put(IpAddress.parse("10.0.0.1").bytes()).put(IpAddress.parse("10.0.0.2").bytes());
    bytes.putShort((short) sourcePort).putShort((short) port);
    return packet(prefix, 0x0800, bytes.array());
  }

  private static LoggedPacket packet(String prefix, int etherType, byte[] bytes) {
    return new LoggedPacket(
        Reporting.GROUP,
        etherType,
        Optional.empty(),
        prefix,
        0,
        OptionalInt.empty(),
        OptionalInt.empty(),
        ByteBuffer.wrap(bytes));
  }
}
