package io.portolan.linux.nft.kernel;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What nft keeps in the kernel for its own listings: type, length, value (libnftnl's udata.h).
 *
 * <pre>
 *  +--------+--------+----------------------+
 *  |  type  | length | value (length bytes) |  repeated
 *  +--------+--------+----------------------+
 * </pre>
 */
final class UserData {
  /** Type of the comment of tables, chains, rules, elements and objects. */
  static final int COMMENT = 0;

  static final int SET_KEY_BYTE_ORDER = 0;
  static final int SET_DATA_BYTE_ORDER = 1;
  static final int SET_DATA_INTERVAL = 6;
  static final int SET_COMMENT = 7;

  private static final int COMMENT_MAX = 128;

  static final int ORDER_UNSPECIFIED = 0;
  static final int ORDER_HOST = 1;
  static final int ORDER_BIG_ENDIAN = 2;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A comment alone. */
  static byte[] comment(String text) {
    return new UserData().text(COMMENT, text).bytes();
  }

  UserData text(int type, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.write(type);
    out.write(bytes.length + 1);
    out.writeBytes(bytes);
    out.write(0);
    return this;
  }

  UserData number(int type, int number) {
    out.write(type);
    out.write(Integer.BYTES);
    out.writeBytes(
        ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(number).array());
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  /** The text stored under {@code type}; user data of other programs may hold anything. */
  static Optional<String> text(byte[] userData, int type) {
    int at = 0;
    while (at + 2 <= userData.length) {
      int length = userData[at + 1] & 0xff;
      if (at + 2 + length > userData.length) {
        return Optional.empty();
      }
      if ((userData[at] & 0xff) == type && length > 0) {
        String text = new String(userData, at + 2, length - 1, StandardCharsets.UTF_8);
        return Optional.of(readable(text));
      }
      at += 2 + length;
    }
    return Optional.empty();
  }

  /** Other programs may have stored what this library would refuse to write. */
  private static String readable(String text) {
    String cut = text.length() < COMMENT_MAX ? text : text.substring(0, COMMENT_MAX - 1);
    return cut.replaceAll("[^ -~]|[\"\\\\]", "?");
  }
}
