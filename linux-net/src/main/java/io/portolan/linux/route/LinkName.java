package io.portolan.linux.route;

import java.nio.charset.StandardCharsets;

/** What the kernel takes as an interface name (net/core/dev.c, dev_valid_name). */
final class LinkName {
  private static final int MAX_BYTES = 15;

  private LinkName() {}

  /**
   * @throws IllegalArgumentException if {@code name} is none
   */
  static String require(String field, String name) {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          field + " '" + name + "': an interface name has 1 to 15 bytes");
    }
    if (name.equals(".") || name.equals("..") || !name.chars().allMatch(LinkName::isAllowed)) {
      throw new IllegalArgumentException(
          field
              + " '"
              + name
              + "': an interface name has no slash, colon or white space and is not . or ..");
    }
    return name;
  }

  private static boolean isAllowed(int c) {
    return c != '/' && c != ':' && c != 0 && !Character.isWhitespace(c);
  }
}
