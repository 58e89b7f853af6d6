package io.portolan.policy.model;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Domain names as policies name them: one name, or with the prefix {@code *.} all names that put
 * one or more whole labels before the rest. Case and a dot at the end make no difference.
 *
 * @param suffix without wildcard, in lower case
 */
public record DomainPattern(boolean wildcard, String suffix) implements Comparable<DomainPattern> {
  private static final Pattern NAME =
      Pattern.compile("([a-z0-9]([-a-z0-9_]*[a-z0-9])?\\.)+[a-z0-9]([-a-z0-9_]*[a-z0-9])?");

  public DomainPattern {
    if (!NAME.matcher(suffix).matches()) {
      throw new IllegalArgumentException(
          "domain name '" + suffix + "': give two or more labels, such as example.org");
    }
  }

  /**
   * @throws IllegalArgumentException for what is no domain name, or has {@code *} elsewhere
   */
  public static DomainPattern parse(String text) {
    boolean wildcard = text.startsWith("*.");
    return new DomainPattern(wildcard, canonical(wildcard ? text.substring(2) : text));
  }

  /** Lower case, without a dot at the end. */
  public static String canonical(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  /**
   * @param name in canonical form
   */
  public boolean matches(String name) {
    return wildcard
        ? name.length() > suffix.length() + 1 && name.endsWith("." + suffix)
        : name.equals(suffix);
  }

  @Override
  public int compareTo(DomainPattern other) {
    return toString().compareTo(other.toString());
  }

  /** As a policy spells it. */
  @Override
  public String toString() {
    return (wildcard ? "*." : "") + suffix;
  }
}
