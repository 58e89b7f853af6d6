package io.portolan.calico.bgp;

import java.util.ArrayList;
import java.util.List;

/**
 * A standard (RFC 1997, two numbers of 16 bits) or large community (RFC 8092, three of 32 bits).
 *
 * @param parts two or three numbers
 */
public record BgpCommunity(List<Long> parts) {
  private static final long MAX_STANDARD = 0xffff;
  private static final long MAX_LARGE = 0xffff_ffffL;

  public BgpCommunity {
    parts = List.copyOf(parts);
    if (parts.size() != 2 && parts.size() != 3) {
      throw new IllegalArgumentException("a community has two or three numbers, not " + parts);
    }
    long max = parts.size() == 2 ? MAX_STANDARD : MAX_LARGE;
    for (long part : parts) {
      if (part < 0 || part > max) {
        throw new IllegalArgumentException(
            "community " + parts + ": " + part + " is not from 0 to " + max);
      }
    }
  }

  /**
   * Parses numbers with colons between them.
   *
   * @throws IllegalArgumentException if the text is anything else
   */
  public static BgpCommunity parse(String text) {
    List<Long> parts = new ArrayList<>();
    for (String part : text.split(":", -1)) {
      if (part.isEmpty()
          || part.length() > 10
          || !part.chars().allMatch(c -> c >= '0' && c <= '9')) {
        throw new IllegalArgumentException(
            "community '" + text + "': write numbers with colons between them, such as 65000:1");
      }
      parts.add(Long.parseLong(part));
    }
    return new BgpCommunity(parts);
  }

  boolean isLarge() {
    return parts.size() == 3;
  }

  @Override
  public String toString() {
    return String.join(":", parts.stream().map(String::valueOf).toList());
  }
}
