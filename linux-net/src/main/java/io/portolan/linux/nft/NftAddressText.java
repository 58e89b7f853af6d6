package io.portolan.linux.nft;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/** IPv6 text as inet_ntop writes it (RFC 5952), because nft prints addresses through that. */
final class NftAddressText {
  private NftAddressText() {}

  static NftValue parseIpv6(String literal) {
    InetAddress address = Inet6Address.ofLiteral(literal);
    // The JDK turns mapped addresses into IPv4; a key of an ipv6_addr set must not change type.
    return switch (address) {
      case Inet4Address mapped ->
          NftValue.ipv6(0, 0xffff00000000L | NftValue.address(mapped).low());
      case Inet6Address plain -> NftValue.address(plain);
      default -> throw new IllegalArgumentException("'" + literal + "' is not an IPv6 address");
    };
  }

  static String ipv4(long address) {
    return (address >>> 24 & 0xff)
        + "."
        + (address >>> 16 & 0xff)
        + "."
        + (address >>> 8 & 0xff)
        + "."
        + (address & 0xff);
  }

  static String ipv6(long high, long low) {
    if (high == 0 && low >>> 32 == 0xffff) {
      return "::ffff:" + ipv4(low & 0xffffffffL);
    }
    if (high == 0 && low >>> 32 == 0 && low >>> 16 != 0) {
      return "::" + ipv4(low);
    }
    int[] words = new int[8];
    for (int i = 0; i < 4; i++) {
      words[i] = (int) (high >>> (48 - i * 16)) & 0xffff;
      words[i + 4] = (int) (low >>> (48 - i * 16)) & 0xffff;
    }
    int start = -1;
    int length = 1;
    for (int i = 0; i < 8; i++) {
      int run = 0;
      while (i + run < 8 && words[i + run] == 0) {
        run++;
      }
      if (run > length) {
        start = i;
        length = run;
      }
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == start) {
        out.append("::");
        i += length - 1;
      } else {
        out.append(out.isEmpty() || out.charAt(out.length() - 1) == ':' ? "" : ":");
        out.append(Integer.toHexString(words[i]));
      }
    }
    return out.toString();
  }
}
