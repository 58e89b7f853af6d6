package io.portolan.calico.model;

import io.portolan.common.net.Cidr;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** What Calico calls its objects. */
public final class ObjectNames {
  /** On block affinities since Calico 3.31, for lists of one node's. */
  public static final String HOSTNAME_HASH = "projectcalico.org/hostname-hash";

  static final String AFFINITY_TYPE = "projectcalico.org/affinity-type";
  static final String IP_VERSION = "projectcalico.org/ip-version";
  static final String CONFIGURATION = "default";

  private static final int LONGEST = 252;
  private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

  private ObjectNames() {}

  /** {@code 10-0-132-128-27} for 10.0.132.128/27. */
  public static String block(Cidr cidr) {
    return cidr.toString().replace('.', '-').replace(':', '-').replace('/', '-');
  }

  /** The node and the block; too long a name is cut and gets a hash, so it cannot be read back. */
  public static String affinity(String host, Cidr cidr) {
    String block = block(cidr);
    String name = host + "-" + block;
    if (name.length() <= LONGEST) {
      return name;
    }
    String hash = HexFormat.of().formatHex(digest("SHA-256", host + "+" + block));
    return host.substring(0, LONGEST - block.length() - 13)
        + "-"
        + block
        + "-"
        + hash.substring(0, 11);
  }

  public static String handle(String id) {
    return id.toLowerCase(Locale.ROOT);
  }

  /** The value of {@link #HOSTNAME_HASH}: a node's name may be longer than a label. */
  public static String hostnameHash(String host) {
    byte[] hash = digest("SHA3-256", host);
    StringBuilder text = new StringBuilder();
    int bits = 0;
    int held = 0;
    for (byte each : hash) {
      held = (held << 8) | (each & 255);
      bits += 8;
      while (bits >= 5) {
        bits -= 5;
        text.append(BASE32.charAt((held >> bits) & 31));
      }
    }
    return bits == 0
        ? text.toString()
        : text.append(BASE32.charAt((held << (5 - bits)) & 31)).toString();
  }

  private static byte[] digest(String algorithm, String text) {
    try {
      return MessageDigest.getInstance(algorithm).digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has it", e);
    }
  }
}
