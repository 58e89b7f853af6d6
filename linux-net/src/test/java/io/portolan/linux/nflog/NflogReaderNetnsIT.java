package io.portolan.linux.nflog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portolan.linux.TestNamespace;
import io.portolan.linux.netlink.NetlinkException;
import io.portolan.linux.netlink.NetlinkSubscription.Outcome;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftHook;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.kernel.KernelNftTables;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Packets over the loopback of a namespace, logged by rules of their own. */
class NflogReaderNetnsIT {
  private static final int GROUP = 7;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final NftTable TABLE = NftTable.of(NftFamily.INET, "t");

  private final TestNamespace node = new TestNamespace();

  @BeforeEach
  void log() {
    NftStatement udp = NftStatement.equal(MetaField.L4PROTO, NftValue.protocol(17));
    try (KernelNftTables tables = KernelNftTables.open(node.namespace())) {
      tables
          .commit(
              NftTransaction.on(TABLE)
                  .addTable()
                  .addChain(base("out", NftHook.OUTPUT))
                  .addChain(base("in", NftHook.INPUT))
                  .addRule(
                      "out",
                      udp,
                      new NftStatement.SetMark(NftStatement.Mark.META, -1, 0x80000010),
                      log("leaves ", OptionalInt.empty()))
                  .addRule("in", udp, log("", OptionalInt.of(20)))
                  .build())
          .orThrow();
    }
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void packetsComeWithWhatTheRuleKnew() throws IOException {
    try (NflogReader reader = NflogReader.openIn(node.namespace(), NflogGroup.of(GROUP, 30))) {
      send("127.0.0.2", 0x0102);
      send("::1", 0x0304);

      List<LoggedPacket> packets = read(reader, 4);

      assertThat(packets.stream().map(NflogReaderNetnsIT::text))
          .containsExactly(
              "0x0800 OUTPUT 'leaves ' mark 0x80000010 in - out 1, 30 bytes to 7f000002",
              "0x0800 INPUT '' mark 0x80000010 in 1 out -, 20 bytes to 7f000002",
              "0x86dd OUTPUT 'leaves ' mark 0x80000010 in - out 1, 30 bytes to 00000000",
              "0x86dd INPUT '' mark 0x80000010 in 1 out -, 20 bytes to 00000000");
      // Behind 20 bytes of IPv4 header: source port, destination port.
      assertThat(packets.getFirst().payload().getShort(22)).isEqualTo((short) 0x0102);
      assertThat(reader.receive(Duration.ZERO, packets::add)).isEqualTo(Outcome.IDLE);
    }
  }

  @Test
  void copyingNothingLeavesTheRest() throws IOException {
    try (NflogReader reader = NflogReader.openIn(node.namespace(), NflogGroup.of(GROUP, 0))) {
      send("127.0.0.2", 1);

      assertThat(read(reader, 2))
          .allSatisfy(packet -> assertThat(packet.payload().remaining()).isZero())
          .extracting(LoggedPacket::prefix)
          .containsExactly("leaves ", "");
    }
  }

  @Test
  void packetsAreHandedOverTogetherWhenAskedFor() throws IOException {
    NflogGroup slow = new NflogGroup(GROUP, 20, 10, Duration.ofSeconds(30));
    try (NflogReader reader = NflogReader.openIn(node.namespace(), slow)) {
      for (int i = 0; i < 5; i++) {
        send("127.0.0.2", 1 + i);
      }
      List<LoggedPacket> packets = new ArrayList<>();

      assertThat(reader.receive(PATIENCE, packets::add)).isEqualTo(Outcome.RECEIVED);
      assertThat(packets).hasSize(10);
    }
  }

  @Test
  void aGroupHasOneReaderAndIsFreeAfterIt() throws IOException {
    try (NflogReader reader = NflogReader.openIn(node.namespace(), NflogGroup.of(GROUP, 0))) {
      assertThatThrownBy(() -> NflogReader.openIn(node.namespace(), NflogGroup.of(GROUP, 0)))
          .isInstanceOf(NetlinkException.class)
          .hasMessageStartingWith("read NFLOG group 7: EPERM");
      NflogReader.openIn(node.namespace(), NflogGroup.of(GROUP + 1, 0)).close();
      reader.close();
      assertThat(reader.receive(PATIENCE, _ -> {})).isEqualTo(Outcome.CLOSED);
    }
    try (NflogReader again = NflogReader.openIn(node.namespace(), NflogGroup.of(GROUP, 0))) {
      send("127.0.0.2", 1);
      assertThat(read(again, 2)).hasSize(2);
    }
  }

  private static NftStatement log(String prefix, OptionalInt snapLength) {
    return new NftStatement.Log(GROUP, prefix, snapLength, OptionalInt.empty());
  }

  private static NftChain base(String name, NftHook hook) {
    return NftChain.base(name, NftChain.Type.FILTER, hook, 0, NftChain.Policy.ACCEPT);
  }

  private void send(String address, int port) throws IOException {
    try (DatagramSocket socket = node.namespace().call(() -> new DatagramSocket())) {
      socket.send(new DatagramPacket(new byte[40], 40, InetAddress.ofLiteral(address), port));
    }
  }

  private static List<LoggedPacket> read(NflogReader reader, int count) {
    List<LoggedPacket> packets = new ArrayList<>();
    while (packets.size() < count) {
      assertThat(reader.receive(PATIENCE, packets::add)).isEqualTo(Outcome.RECEIVED);
    }
    return packets;
  }

  private static String text(LoggedPacket packet) {
    assertThat(packet.group()).isEqualTo(GROUP);
    byte[] destination = new byte[4];
    packet.payload().get(16, destination);
    return String.format(
        "0x%04x %s '%s' mark 0x%08x in %s out %s, %d bytes to %s",
        packet.etherType(),
        packet.hook().orElseThrow(),
        packet.prefix(),
        packet.mark(),
        index(packet.inInterface()),
        index(packet.outInterface()),
        packet.payload().remaining(),
        HexFormat.of().formatHex(destination));
  }

  private static String index(OptionalInt index) {
    return index.isPresent() ? "" + index.getAsInt() : "-";
  }
}
