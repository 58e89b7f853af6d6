package io.portolan.linux.nflog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.netlink.MalformedMessageException;
import io.portolan.linux.netlink.NetlinkMessage;
import io.portolan.linux.nft.NftHook;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NflogCodecTest {
  private static final int IPV4 = 2;
  private static final int ARP = 3;

  @Test
  void bindsAndConfiguresInOneMessage() {
    AttributeWriter out = new AttributeWriter();
    NflogCodec.writeBind(out, new NflogGroup(0x1234, 96, 20, Duration.ofMillis(250)));

    assertThat(hex(out.toByteArray()))
        .isEqualTo(
            "00001234" // family, version, group
                + "0500010001000000" // command
                + "0a00020000000060" // mode: range
                + "02000000" // kind, padding
                + "0800040000000019" // timeout
                + "0800050000000014"); // threshold
  }

  @Test
  void copyingNothingIsAModeOfItsOwn() {
    AttributeWriter out = new AttributeWriter();
    NflogCodec.writeBind(out, NflogGroup.of(0, 0));

    assertThat(hex(out.toByteArray())).contains("0a000200" + "00000000" + "0100");
  }

  @Test
  void readsWhatAPacketCarries() {
    byte[] packet = packet(IPV4, 2, "denied ", new byte[] {0x45, 0, 0, 20});

    assertThat(decode(packet))
        .containsExactly(
            new LoggedPacket(
                7,
                0x0800,
                Optional.of(NftHook.FORWARD),
                "denied ",
                0x8000_0010,
                OptionalInt.of(3),
                OptionalInt.of(5),
                ByteBuffer.wrap(new byte[] {0x45, 0, 0, 20})));
  }

  @Test
  void whatIsAbsentIsEmpty() {
    assertThat(decode(new byte[] {2, 0, 0, 7}))
        .containsExactly(
            new LoggedPacket(
                7,
                0,
                Optional.empty(),
                "",
                0,
                OptionalInt.empty(),
                OptionalInt.empty(),
                ByteBuffer.allocate(0)));
    assertThat(decode(packet(ARP, 1, "", new byte[0])).getFirst().hook()).isEmpty();
    assertThat(decode(packet(IPV4, 0x85, "", new byte[0])).getFirst().hook()).isEmpty();
  }

  @Test
  void otherMessagesAreNoPackets() {
    // NLMSG_DONE, which ends several packets that came together.
    List<LoggedPacket> found = new ArrayList<>();
    NflogCodec.read(NetlinkMessage.of(3, new byte[] {0, 0, 0, 0}), found::add);
    assertThat(found).isEmpty();
  }

  @Test
  void payloadsAreReadFromTheirStartEachTime() {
    LoggedPacket packet = decode(packet(IPV4, 0, "", new byte[] {1, 2, 3, 4})).getFirst();

    assertThat(packet.payload().getInt()).isEqualTo(0x01020304);
    assertThat(packet.payload().getInt()).isEqualTo(0x01020304);
    assertThat(packet.payload().isReadOnly()).isTrue();
  }

  @Test
  void groupsSayWhatIsWrong() {
    assertThatThrownBy(() -> NflogGroup.of(0x10000, 0)).hasMessage("NFLOG group 65536: 0 to 65535");
    assertThatThrownBy(() -> NflogGroup.of(1, 0x10000))
        .hasMessage("NFLOG copy of 65536 bytes: 0 to 32768");
    assertThatThrownBy(() -> new NflogGroup(1, 0, 0, Duration.ofSeconds(1)))
        .hasMessage("NFLOG queue threshold 0: at least 1");
    assertThatThrownBy(() -> new NflogGroup(1, 0, 1, Duration.ofMillis(9)))
        .hasMessage("NFLOG flush after PT0.009S: 10 ms to 1 hour");
  }

  @Test
  void survivesAnyBytes() {
    SplittableRandom random = new SplittableRandom(7);
    byte[] whole = packet(IPV4, 2, "denied ", new byte[40]);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
      for (int change = random.nextInt(4); change > 0 && bytes.length > 0; change--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        decode(bytes);
      } catch (MalformedMessageException expected) {
        assertThat(expected).hasMessageContaining("bytes");
      }
    }
  }

  /** As the kernel writes it, with attributes this library does not read. */
  private static byte[] packet(int family, int hook, String prefix, byte[] payload) {
    AttributeWriter out = new AttributeWriter();
    out.byteField(family).byteField(0).shortFieldBigEndian(7);
    out.bytes(1, new byte[] {0x08, 0x00, (byte) hook, 0});
    if (!prefix.isEmpty()) {
      out.string(10, prefix);
    }
    return out.u32BigEndian(4, 3)
        .u32BigEndian(5, 5)
        .u32BigEndian(2, 0x8000_0010)
        .bytes(3, new byte[16])
        .u32BigEndian(11, 1000)
        .bytes(9, payload)
        .toByteArray();
  }

  private static List<LoggedPacket> decode(byte[] payload) {
    List<LoggedPacket> found = new ArrayList<>();
    NflogCodec.read(NetlinkMessage.of(NflogCodec.PACKET, payload), found::add);
    return found;
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
