package io.portolan.linux.nfqueue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.netlink.MalformedMessageException;
import io.portolan.linux.netlink.NetlinkMessage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NfqueueCodecTest {
  @Test
  void bindsAndConfiguresInOneMessage() {
    AttributeWriter out = new AttributeWriter();
    NfqueueCodec.writeBind(out, new PacketQueue(0x1234, 4096, 100, true));

    assertThat(hex(out))
        .isEqualTo(
            "00001234" // family, version, queue
                + "0800010001000000" // command
                + "090002000000100002" // parameters: range, mode
                + "000000" // padding
                + "0800030000000064" // longest queue
                + "0800040000000001" // mask of flags
                + "0800050000000001"); // flags: fail open
  }

  @Test
  void aVerdictNamesThePacket() {
    AttributeWriter out = new AttributeWriter();
    NfqueueCodec.writeVerdict(out, 5, 0x80000001, Verdict.ACCEPT);

    assertThat(hex(out)).isEqualTo("00000005" + "0c000200" + "00000001" + "80000001");
  }

  @Test
  void readsWhatAPacketCarries() {
    assertThat(decode(packet()))
        .containsExactly(
            new QueuedPacket(0x80000001, 0x86dd, 16, ByteBuffer.wrap(new byte[] {0x60, 0, 0, 20})));
  }

  @Test
  void aPacketWithoutIdIsDamaged() {
    assertThatThrownBy(() -> decode(new byte[4]))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessage("attribute 1 has 0 bytes where 7 are needed");
  }

  @Test
  void queuesSayWhatIsWrong() {
    assertThatThrownBy(() -> new PacketQueue(0x10000, 1, 1, false))
        .hasMessage("queue 65536: 0 to 65535");
    assertThatThrownBy(() -> new PacketQueue(1, 0, 1, false))
        .hasMessage("queue copy of 0 bytes: 1 to 32768");
    assertThatThrownBy(() -> new PacketQueue(1, 1, 0, false))
        .hasMessage("queue of 0 packets: at least 1");
  }

  @Test
  void survivesAnyBytes() {
    SplittableRandom random = new SplittableRandom(7);
    byte[] whole = packet();
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

  private static byte[] packet() {
    AttributeWriter out = new AttributeWriter();
    out.byteField(10).byteField(0).shortFieldBigEndian(5);
    return out.bytes(1, HexFormat.of().parseHex("8000000186dd01"))
        .u32BigEndian(4, 3)
        .u32BigEndian(3, 16)
        .bytes(10, new byte[] {0x60, 0, 0, 20})
        .toByteArray();
  }

  private static List<QueuedPacket> decode(byte[] payload) {
    List<QueuedPacket> found = new ArrayList<>();
    NfqueueCodec.read(NetlinkMessage.of(NfqueueCodec.PACKET, payload), found::add);
    return found;
  }

  private static String hex(AttributeWriter out) {
    return HexFormat.of().formatHex(out.toByteArray());
  }
}
