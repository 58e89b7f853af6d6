package io.portolan.linux.route;

/**
 * How far away a destination or an address's validity is (rtnetlink.h, rt_scope_t).
 *
 * @param value 0 to 255; smaller is farther
 */
public record Scope(int value) {
  /** Anywhere; through a gateway. */
  public static final Scope UNIVERSE = new Scope(0);

  /** Inside the site; IPv6 addresses only. */
  public static final Scope SITE = new Scope(200);

  /** On the link: reached without a gateway, and so usable as one. */
  public static final Scope LINK = new Scope(253);

  /** This host. */
  public static final Scope HOST = new Scope(254);

  /** Nothing; matches any scope in a delete request. */
  public static final Scope NOWHERE = new Scope(255);

  public Scope {
    if (value < 0 || value > 255) {
      throw new IllegalArgumentException("value " + value + ": a scope is 0 to 255");
    }
  }

  @Override
  public String toString() {
    return switch (value) {
      case 0 -> "global";
      case 200 -> "site";
      case 253 -> "link";
      case 254 -> "host";
      case 255 -> "nowhere";
      default -> Integer.toString(value);
    };
  }
}
