package io.portolan.linux.nflog;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.netlink.MalformedMessageException;
import io.portolan.linux.netlink.NetlinkMessage;
import io.portolan.linux.nft.NftHook;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** NFULNL_MSG_CONFIG out, NFULNL_MSG_PACKET in. */
final class NflogCodec {
  /** NFNL_SUBSYS_ULOG in the upper byte. */
  private static final int SUBSYSTEM = 4 << 8;

  static final int PACKET = SUBSYSTEM;
  static final int CONFIG = SUBSYSTEM | 1;

  /** Bytes of struct nfgenmsg: family, version, resource id, which is the group (big endian). */
  private static final int HEADER_BYTES = 4;

  // enum nfulnl_attr_config
  private static final int CONFIG_COMMAND = 1;
  private static final int CONFIG_MODE = 2;
  private static final int CONFIG_TIMEOUT = 4;
  private static final int CONFIG_QUEUE_THRESHOLD = 5;
  private static final int COMMAND_BIND = 1;
  private static final int COPY_META = 1;
  private static final int COPY_PACKET = 2;

  // enum nfulnl_attr_type
  private static final int PACKET_HEADER = 1;
  private static final int MARK = 2;
  private static final int IN_INTERFACE = 4;
  private static final int OUT_INTERFACE = 5;
  private static final int PAYLOAD = 9;
  private static final int PREFIX = 10;

  /** Bytes of struct nfulnl_msg_packet_hdr: ether type, hook, padding. */
  private static final int PACKET_HEADER_BYTES = 4;

  private static final int NFPROTO_ARP = 3;
  private static final int NFPROTO_NETDEV = 5;

  private NflogCodec() {}

  /** Binds and configures in one message: no packet is sent with the kernel's defaults. */
  static void writeBind(AttributeWriter out, NflogGroup group) {
    out.byteField(0).byteField(0).shortFieldBigEndian(group.number());
    out.u8(CONFIG_COMMAND, COMMAND_BIND)
        .bytes(CONFIG_MODE, mode(group.copyBytes()))
        .u32BigEndian(CONFIG_TIMEOUT, group.flushAfterSteps())
        .u32BigEndian(CONFIG_QUEUE_THRESHOLD, group.queueThreshold());
  }

  /** Struct nfulnl_msg_config_mode. To copy 0 bytes would mean all; headers only is a mode. */
  private static byte[] mode(int copyBytes) {
    return ByteBuffer.allocate(6)
        .putInt(copyBytes)
        .put((byte) (copyBytes == 0 ? COPY_META : COPY_PACKET))
        .array();
  }

  /** Gives the packet in {@code message}, if it is one. */
  static void read(NetlinkMessage message, Consumer<LoggedPacket> found) {
    if (message.type() != PACKET) {
      return;
    }
    int family = message.u8(0);
    int group = message.u8(2) << 8 | message.u8(3);
    int etherType = 0;
    Optional<NftHook> hook = Optional.empty();
    String prefix = "";
    int mark = 0;
    OptionalInt inInterface = OptionalInt.empty();
    OptionalInt outInterface = OptionalInt.empty();
    byte[] payload = new byte[0];
    AttributeReader in = message.attributes(HEADER_BYTES);
    while (in.next()) {
      switch (in.type()) {
        case PACKET_HEADER -> {
          byte[] header = in.bytes();
          if (header.length < PACKET_HEADER_BYTES) {
            throw new MalformedMessageException(
                "attribute "
                    + PACKET_HEADER
                    + " has "
                    + header.length
                    + " bytes where 4 are needed");
          }
          etherType = (header[0] & 0xff) << 8 | (header[1] & 0xff);
          hook = hook(family, header[2]);
        }
        case MARK -> mark = in.u32BigEndian();
        case IN_INTERFACE -> inInterface = OptionalInt.of(in.u32BigEndian());
        case OUT_INTERFACE -> outInterface = OptionalInt.of(in.u32BigEndian());
        case PAYLOAD -> payload = in.bytes();
        case PREFIX -> prefix = in.string();
        default -> {}
      }
    }
    found.accept(
        new LoggedPacket(
            group,
            etherType,
            hook,
            prefix,
            mark,
            inInterface,
            outInterface,
            ByteBuffer.wrap(payload)));
  }

  private static Optional<NftHook> hook(int family, int number) {
    return family == NFPROTO_ARP
            || family == NFPROTO_NETDEV
            || number < 0
            || number >= NftHook.values().length
        ? Optional.empty()
        : Optional.of(NftHook.of(number));
  }
}
