package io.portolan.linux.nfqueue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portolan.linux.TestNamespace;
import io.portolan.linux.netlink.NetlinkException;
import io.portolan.linux.netlink.NetlinkSubscription.Outcome;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftHook;
import io.portolan.linux.nft.NftListing;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.kernel.KernelNftTables;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Packets over the loopback of a namespace, held by a rule. */
class NfqueueReaderNetnsIT {
  private static final PacketQueue QUEUE = new PacketQueue(5, 4096, 100, false);
  private static final NftTable TABLE = NftTable.of(NftFamily.INET, "t");
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final InetSocketAddress AT =
      new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 5300);

  private final TestNamespace node = new TestNamespace();

  private final KernelNftTables tables = KernelNftTables.open(node.namespace());

  @BeforeEach
  void hold() {
    tables
        .commit(
            NftTransaction.on(TABLE)
                .addTable()
                .addChain(
                    NftChain.base(
                        "in", NftChain.Type.FILTER, NftHook.INPUT, 0, NftChain.Policy.ACCEPT))
                .addRule(
                    "in",
                    NftStatement.equal(MetaField.L4PROTO, NftValue.protocol(17)),
                    new NftStatement.Queue(QUEUE.number(), true))
                .build())
        .orThrow();
  }

  @AfterEach
  void close() {
    tables.close();
    node.close();
  }

  @Test
  void packetsWaitForTheirVerdict() throws IOException {
    try (DatagramSocket server = socket(AT);
        DatagramSocket client = socket(null);
        NfqueueReader reader = NfqueueReader.openIn(node.namespace(), QUEUE)) {
      send(client, "first");
      send(client, "second");
      List<QueuedPacket> held = new ArrayList<>();
      while (held.size() < 2) {
        assertThat(reader.receive(PATIENCE, held::add)).isEqualTo(Outcome.RECEIVED);
      }
      assertThatThrownBy(() -> received(server, 100)).isInstanceOf(SocketTimeoutException.class);

      reader.decide(Verdict.DROP, held.subList(0, 1));
      reader.decide(Verdict.ACCEPT, held.subList(1, 2));

      assertThat(received(server, 10_000)).isEqualTo("second");
      assertThat(held).extracting(QueuedPacket::etherType).containsExactly(0x0800, 0x0800);
      // Behind 28 bytes of IPv4 and UDP header.
      assertThat(held.getFirst().payload().get(28)).isEqualTo((byte) 'f');
    }
  }

  @Test
  void theRuleIsReadBackAndNftCanListIt() {
    assertThat(tables.canQueue()).isTrue();
    assertThat(tables.read(TABLE).orElseThrow().foreign()).isEmpty();
    assertThat(tables.read(TABLE).orElseThrow().chain("in").orElseThrow().rules())
        .singleElement()
        .extracting(NftListing.ListedRule::rule)
        .hasToString("meta l4proto udp queue flags bypass to 5");
  }

  @Test
  void aVerdictCanBeGivenWhileTheReaderWaits() throws IOException, InterruptedException {
    try (DatagramSocket server = socket(AT);
        DatagramSocket client = socket(null);
        NfqueueReader reader = NfqueueReader.openIn(node.namespace(), QUEUE)) {
      send(client, "held");
      List<QueuedPacket> held = new ArrayList<>();
      assertThat(reader.receive(PATIENCE, held::add)).isEqualTo(Outcome.RECEIVED);
      Thread waiting = Thread.ofPlatform().start(() -> reader.receive(PATIENCE, _ -> {}));

      reader.decide(Verdict.ACCEPT, held);

      assertThat(received(server, 5_000)).isEqualTo("held");
      reader.close();
      waiting.join();
    }
  }

  @Test
  void withoutAReaderBypassPasses() throws IOException {
    try (DatagramSocket server = socket(AT);
        DatagramSocket client = socket(null)) {
      send(client, "nobody reads");
      assertThat(received(server, 10_000)).isEqualTo("nobody reads");
    }
  }

  @Test
  void aQueueHasOneReaderAndIsFreeAfterIt() throws IOException {
    try (NfqueueReader reader = NfqueueReader.openIn(node.namespace(), QUEUE)) {
      assertThatThrownBy(() -> NfqueueReader.openIn(node.namespace(), QUEUE))
          .isInstanceOf(NetlinkException.class)
          .hasMessageStartingWith("read queue 5: ");
      reader.close();
      assertThat(reader.receive(PATIENCE, _ -> {})).isEqualTo(Outcome.CLOSED);
    }
    NfqueueReader.openIn(node.namespace(), QUEUE).close();
  }

  private DatagramSocket socket(@Nullable InetSocketAddress at) throws IOException {
    return node.namespace().call(() -> at == null ? new DatagramSocket() : new DatagramSocket(at));
  }

  private static void send(DatagramSocket from, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    from.send(new DatagramPacket(bytes, bytes.length, AT));
  }

  private static String received(DatagramSocket at, int millis) throws IOException {
    at.setSoTimeout(millis);
    DatagramPacket packet = new DatagramPacket(new byte[100], 100);
    at.receive(packet);
    return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
  }
}
