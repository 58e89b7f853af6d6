package io.portolan.linux.route;

/** What a route does with a packet (rtnetlink.h, RTN_*). */
public enum RouteType {
  UNSPECIFIED(0),
  /** Forward to the gateway or the link. */
  UNICAST(1),
  /** Deliver here. */
  LOCAL(2),
  BROADCAST(3),
  ANYCAST(4),
  MULTICAST(5),
  /** Drop silently. */
  BLACKHOLE(6),
  /** Drop and answer host unreachable. */
  UNREACHABLE(7),
  /** Drop and answer administratively prohibited. */
  PROHIBIT(8),
  /** Leave this table; the next rule decides. */
  THROW(9),
  NAT(10),
  EXTERNAL_RESOLVER(11);

  private final int number;

  RouteType(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  static RouteType of(int number) {
    for (RouteType type : values()) {
      if (type.number == number) {
        return type;
      }
    }
    return UNSPECIFIED;
  }

  /** Whether packets end here instead of leaving by a link. */
  public boolean isDeadEnd() {
    return this == BLACKHOLE || this == UNREACHABLE || this == PROHIBIT || this == THROW;
  }
}
