package io.portolan.policy.compile;

import io.portolan.policy.model.Direction;
import io.portolan.policy.model.PolicyId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Names and comments of kernel objects: readable first, unique by a hash of the whole meaning, and
 * of characters that nft reads back. Names of API objects are data from outside: whatever they
 * hold, what is made of them here is harmless.
 */
final class Naming {
  /** Far below NFT_NAME_MAXLEN, so that a listing stays readable. */
  private static final int READABLE = 48;

  private static final int COMMENT = 120;
  private static final int LOG_PREFIX = 120;

  private Naming() {}

  /** {@code pods4/default-app-web/1f2e3d4c5b6a7988}. */
  static String set(String kind, String meaning) {
    return kind + "/" + readable(meaning) + "/" + hash(meaning);
  }

  /**
   * What the kernel reports with a logged packet: at most 127 bytes (NF_LOG_PREFIXLEN), no two
   * reasons with the same.
   */
  static String logPrefix(String reason) {
    String printable = reason.replaceAll("[^ -~]|[\"\\\\]", "?");
    return printable.equals(reason) && printable.length() <= LOG_PREFIX
        ? printable
        : printable.substring(0, Math.min(LOG_PREFIX - 17, printable.length()))
            + "/"
            + hash(reason);
  }

  /** {@code denied/np/default/allow-web/ingress}, {@code denied/tier/default/egress}. */
  static String counter(Counted counted) {
    String verdict = counted.allowed() ? "allowed/" : "denied/";
    Direction direction = counted.direction();
    return counted
        .policy()
        .map(policy -> verdict + policyChain(policy, direction, Optional.empty()))
        .orElseGet(() -> verdict + "tier/" + plain(counted.tier()) + "/" + direction.text());
  }

  private static String plain(String name) {
    return name.length() <= READABLE && name.matches("[a-z0-9.-]+")
        ? name
        : readable(name) + "/" + hash(name);
  }

  /**
   * {@code np/default/allow-web/ingress}; a hash stands in for what is too long or unusual.
   *
   * @param inside the chain that its rules are part of, if they are
   */
  static String policyChain(PolicyId id, Direction direction, Optional<String> inside) {
    boolean plain =
        id.toString().length() <= 2 * READABLE
            && id.toString().matches("[a-z]+(/[a-z0-9.-]+){1,2}");
    String middle =
        plain
            ? id.toString()
            : id.kind().text() + "/" + readable(id.toString()) + "/" + hash(id.toString());
    return middle + "/" + direction.text() + inside.map(chain -> "/" + hash(chain)).orElse("");
  }

  static String classChain(Direction direction, String meaning) {
    return "class/" + direction.text() + "/" + hash(meaning);
  }

  /** {@code host/input/1f2e3d4c5b6a7988}. */
  static String hostChain(String path, String meaning) {
    return "host/" + path + "/" + hash(meaning);
  }

  /** At most 120 printable characters, without those that would end a quoted text. */
  static String comment(String text) {
    String printable = text.replaceAll("[^ -~]|[\"\\\\]", "?");
    return printable.length() <= COMMENT ? printable : printable.substring(0, COMMENT - 3) + "...";
  }

  static String list(Collection<?> items) {
    return items.stream().map(Object::toString).collect(Collectors.joining(", "));
  }

  private static String readable(String text) {
    String slug = text.replaceAll("[^A-Za-z0-9.]+", "-").replaceAll("^-|-$", "");
    return slug.isEmpty() ? "x" : slug.substring(0, Math.min(READABLE, slug.length()));
  }

  /** 64 bits, so that no two meanings of a cluster ever share a name. */
  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
