package io.portolan.linux.netlink;

/**
 * The bytes of a netlink message (linux/netlink.h). All fields are in the machine's byte order.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |                   length (header included)                    |  struct nlmsghdr
 *  +-------------------------------+-------------------------------+
 *  |             type              |             flags             |
 *  +-------------------------------+-------------------------------+
 *  |                        sequence number                        |
 *  +---------------------------------------------------------------+
 *  |                     port id of the sender                     |
 *  +---------------------------------------------------------------+
 *  |        family header (ifinfomsg, rtmsg, nfgenmsg ...)         |
 *  +-------------------------------+-------------------------------+
 *  |      length (header + value)  | N O |          type           |  struct nlattr, repeated
 *  +-------------------------------+-------------------------------+
 *  |            value, padded with zeros to 4 bytes                |
 *  +---------------------------------------------------------------+
 *    N: value is attributes (NLA_F_NESTED)   O: value is big endian (NLA_F_NET_BYTEORDER)
 * </pre>
 */
final class NetlinkHeader {
  static final int LENGTH = 0;
  static final int TYPE = LENGTH + Integer.BYTES;
  static final int FLAGS = TYPE + Short.BYTES;
  static final int SEQUENCE = FLAGS + Short.BYTES;
  static final int PORT_ID = SEQUENCE + Integer.BYTES;
  static final int BYTES = PORT_ID + Integer.BYTES;

  static final int ATTRIBUTE_BYTES = 4;
  static final int MAX_ATTRIBUTE_BYTES = 0xffff;
  static final int NESTED = 0x8000;
  static final int TYPE_MASK = 0x3fff;

  static final int NOOP = 1;
  static final int ERROR = 2;
  static final int DONE = 3;
  static final int OVERRUN = 4;

  private NetlinkHeader() {}

  /** Messages and attributes begin at multiples of four. */
  static int align(int length) {
    return (length + 3) & ~3;
  }
}
