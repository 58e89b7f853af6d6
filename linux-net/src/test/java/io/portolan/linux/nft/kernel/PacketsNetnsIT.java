package io.portolan.linux.nft.kernel;

import static io.portolan.linux.nft.NftStatement.counter;
import static io.portolan.linux.nft.NftStatement.drop;
import static io.portolan.linux.nft.NftStatement.lookup;
import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftCount;
import io.portolan.linux.nft.NftCounter;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftHook;
import io.portolan.linux.nft.NftListing;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.NftVerdict;
import io.portolan.linux.nft.PayloadField;
import io.portolan.linux.nft.Samples;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real packets meet what was programmed, and are counted. */
class PacketsNetnsIT {
  private static final NftTable TABLE = NftTable.of(NftFamily.INET, "t");

  private final NetworkNamespace namespace = NetworkNamespace.anonymous();
  private final Nft nft = new Nft(namespace);
  private final KernelNftTables tables = KernelNftTables.open(namespace);

  @BeforeEach
  void bringUpLoopback() {
    nft.execute("", List.of("ip", "link", "set", "lo", "up"));
  }

  @AfterEach
  void close() {
    tables.close();
    namespace.close();
  }

  @Test
  void packetsMeetConcatenatedIntervalsVerdictMapsAndCounters() {
    NftSet services =
        NftSet.of("services", NftType.IPV4_ADDR, NftType.INET_PROTO, NftType.INET_SERVICE)
            .interval();
    NftSet pods = NftSet.verdictMap("pods", NftType.IPV4_ADDR);
    NftSet seen = NftSet.of("seen", NftType.IPV4_ADDR).counting();
    tables
        .commit(
            NftTransaction.on(TABLE)
                .addTable()
                .addCounter(NftCounter.of("hits"))
                .addSet(services)
                .addSet(pods)
                .addSet(seen)
                .addChain(NftChain.regular("pod"))
                .addChain(
                    NftChain.base(
                        "out", NftChain.Type.FILTER, NftHook.OUTPUT, 0, NftChain.Policy.ACCEPT))
                .addRule("out", NftStatement.verdictMap("pods", PayloadField.IP_DADDR))
                .addRule(
                    "pod",
                    lookup(
                        "services",
                        PayloadField.IP_DADDR,
                        MetaField.L4PROTO,
                        PayloadField.TH_DPORT),
                    new NftStatement.CountInto("hits"),
                    counter())
                .addRule("pod", lookup("seen", PayloadField.IP_DADDR), drop())
                .addElements(
                    services,
                    NftElement.of(
                        Samples.cidr("127.0.0.0/30"),
                        NftValue.protocol(17),
                        Samples.ports(5000, 5009)))
                .addElements(seen, NftElement.of(Samples.ip("127.0.0.2")))
                .addElements(
                    pods, NftElement.mapping(NftVerdict.jump("pod"), Samples.ip("127.0.0.2")))
                .build())
        .orThrow();

    // Counted: 5000 and 5009. Not counted: the port behind the range, an address without class.
    send("127.0.0.2", 5000);
    send("127.0.0.2", 5009);
    send("127.0.0.2", 5010);
    send("127.0.0.1", 5000);

    assertThat(tables.counters(TABLE))
        .containsExactly(new NftListing.ListedCounter(NftCounter.of("hits"), new NftCount(2, 72)));
    assertThat(tables.elements(TABLE, seen).getFirst().count()).contains(new NftCount(3, 108));
    assertThat(
            tables.read(TABLE).orElseThrow().chain("pod").orElseThrow().rules().getFirst().rule())
        .hasToString(
            "ip daddr . meta l4proto . th dport @services counter name \"hits\" counter packets 2"
                + " bytes 72");
  }

  @Test
  void countersAreResetOneByOne() {
    tables
        .commit(
            NftTransaction.on(TABLE)
                .addTable()
                .addCounter(NftCounter.of("hits"))
                .addCounter(NftCounter.of("same"))
                .addChain(
                    NftChain.base(
                        "out", NftChain.Type.FILTER, NftHook.OUTPUT, 0, NftChain.Policy.ACCEPT))
                .addRule(
                    "out",
                    new NftStatement.CountInto("hits"),
                    new NftStatement.CountInto("same"),
                    drop())
                .build())
        .orThrow();
    send("127.0.0.2", 5000);
    send("127.0.0.2", 5000);

    assertThat(tables.resetCounter(TABLE, "hits")).contains(new NftCount(2, 72));
    send("127.0.0.2", 5000);

    assertThat(tables.counters(TABLE).stream().map(c -> c.counter().name() + " " + c.count()))
        .containsExactlyInAnyOrder(
            "hits NftCount[packets=1, bytes=36]", "same NftCount[packets=3, bytes=108]");
    assertThat(tables.resetCounter(TABLE, "none")).isEmpty();
    assertThat(tables.resetCounter(NftTable.of(NftFamily.INET, "none"), "hits")).isEmpty();
  }

  @Test
  void pingsMeetConcatenationsOfTypeAndCode() {
    NftSet pings =
        NftSet.of("pings", NftType.IPV4_ADDR, NftType.ICMP_TYPE, NftType.ICMP_CODE).interval();
    NftSet types = NftSet.of("types", NftType.ICMPV6_TYPE);
    NftValue code = NftValue.number(NftType.ICMP_CODE, 0);
    tables
        .commit(
            NftTransaction.on(TABLE)
                .addTable()
                .addCounter(NftCounter.of("v4"))
                .addCounter(NftCounter.of("v6"))
                .addSet(pings)
                .addSet(types)
                .addChain(
                    NftChain.base(
                        "out", NftChain.Type.FILTER, NftHook.OUTPUT, 0, NftChain.Policy.ACCEPT))
                .addRule(
                    "out",
                    lookup(
                        "pings",
                        PayloadField.IP_DADDR,
                        PayloadField.ICMP_TYPE,
                        PayloadField.ICMP_CODE),
                    new NftStatement.CountInto("v4"))
                .addRule(
                    "out",
                    lookup("types", PayloadField.ICMPV6_TYPE),
                    new NftStatement.CountInto("v6"))
                .addElements(
                    pings,
                    NftElement.of(
                        Samples.cidr("127.0.0.0/30"), NftValue.number(NftType.ICMP_TYPE, 8), code))
                .addElements(types, NftElement.of(NftValue.number(NftType.ICMPV6_TYPE, 128)))
                .build())
        .orThrow();

    nft.execute("", List.of("ping", "-c", "1", "-W", "5", "127.0.0.2"));
    nft.execute("", List.of("ping", "-c", "1", "-W", "5", "127.0.0.9"));
    nft.execute("", List.of("ping", "-6", "-c", "1", "-W", "5", "::1"));

    // The requests; the replies are of other types.
    assertThat(tables.resetCounter(TABLE, "v4").orElseThrow().packets()).isEqualTo(1);
    assertThat(tables.resetCounter(TABLE, "v6").orElseThrow().packets()).isEqualTo(1);
  }

  /** Eight bytes of UDP, 36 with its headers. */
  private void send(String address, int port) {
    namespace.run(() -> {
      try (DatagramSocket socket = new DatagramSocket()) {
        socket.send(new DatagramPacket(new byte[8], 8, InetAddress.ofLiteral(address), port));
      } catch (IOException dropped) {
        // The output chain's verdict comes back as EPERM.
        assertThat(dropped).hasMessageContaining("not permitted");
      }
    });
  }
}
