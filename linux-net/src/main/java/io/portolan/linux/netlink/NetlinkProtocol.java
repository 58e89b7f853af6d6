package io.portolan.linux.netlink;

/** Families of netlink (linux/netlink.h, NETLINK_*). */
public enum NetlinkProtocol {
  /** Links, addresses, routes, rules, neighbours: rtnetlink(7). */
  ROUTE(0),
  /** nftables, conntrack and the rest of nfnetlink. */
  NETFILTER(12),
  /** Families that register themselves at run time. */
  GENERIC(16);

  private final int number;

  NetlinkProtocol(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }
}
