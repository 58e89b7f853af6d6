package io.portolan.linux.nfqueue;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.netlink.MalformedMessageException;
import io.portolan.linux.netlink.NetlinkMessage;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** NFQNL_MSG_CONFIG and NFQNL_MSG_VERDICT out, NFQNL_MSG_PACKET in. */
final class NfqueueCodec {
  /** NFNL_SUBSYS_QUEUE in the upper byte. */
  private static final int SUBSYSTEM = 3 << 8;

  static final int PACKET = SUBSYSTEM;
  static final int VERDICT = SUBSYSTEM | 1;
  static final int CONFIG = SUBSYSTEM | 2;

  /** Bytes of struct nfgenmsg: family, version, resource id, which is the queue (big endian). */
  private static final int HEADER_BYTES = 4;

  // enum nfqnl_attr_config
  private static final int CONFIG_COMMAND = 1;
  private static final int CONFIG_PARAMETERS = 2;
  private static final int CONFIG_MAX_LENGTH = 3;
  private static final int CONFIG_MASK = 4;
  private static final int CONFIG_FLAGS = 5;
  private static final int COMMAND_BIND = 1;
  private static final int COPY_PACKET = 2;
  private static final int FAIL_OPEN = 1;

  // enum nfqnl_attr_type
  private static final int PACKET_HEADER = 1;
  private static final int VERDICT_HEADER = 2;
  private static final int MARK = 3;
  private static final int PAYLOAD = 10;

  /** Bytes of struct nfqnl_msg_packet_hdr, packed: id, ether type, hook. */
  private static final int PACKET_HEADER_BYTES = 7;

  private NfqueueCodec() {}

  /** Binds and configures in one message: no packet is sent with the kernel's defaults. */
  static void writeBind(AttributeWriter out, PacketQueue queue) {
    out.byteField(0).byteField(0).shortFieldBigEndian(queue.number());
    out.bytes(CONFIG_COMMAND, new byte[] {COMMAND_BIND, 0, 0, 0})
        .bytes(
            CONFIG_PARAMETERS,
            ByteBuffer.allocate(5).putInt(queue.copyBytes()).put((byte) COPY_PACKET).array())
        .u32BigEndian(CONFIG_MAX_LENGTH, queue.maxLength())
        .u32BigEndian(CONFIG_MASK, FAIL_OPEN)
        .u32BigEndian(CONFIG_FLAGS, queue.failOpen() ? FAIL_OPEN : 0);
  }

  static void writeVerdict(AttributeWriter out, int queue, int id, Verdict verdict) {
    out.byteField(0).byteField(0).shortFieldBigEndian(queue);
    out.bytes(VERDICT_HEADER, ByteBuffer.allocate(8).putInt(verdict.number()).putInt(id).array());
  }

  /** Gives the packet in {@code message}, if it is one. */
  static void read(NetlinkMessage message, Consumer<QueuedPacket> found) {
    if (message.type() != PACKET) {
      return;
    }
    byte[] header = new byte[0];
    int mark = 0;
    byte[] payload = new byte[0];
    AttributeReader in = message.attributes(HEADER_BYTES);
    while (in.next()) {
      switch (in.type()) {
        case PACKET_HEADER -> header = in.bytes();
        case MARK -> mark = in.u32BigEndian();
        case PAYLOAD -> payload = in.bytes();
        default -> {}
      }
    }
    if (header.length < PACKET_HEADER_BYTES) {
      // Without its id no verdict can be given.
      throw new MalformedMessageException(
          "attribute " + PACKET_HEADER + " has " + header.length + " bytes where 7 are needed");
    }
    ByteBuffer fields = ByteBuffer.wrap(header);
    found.accept(
        new QueuedPacket(
            fields.getInt(0), fields.getShort(4) & 0xffff, mark, ByteBuffer.wrap(payload)));
  }
}
