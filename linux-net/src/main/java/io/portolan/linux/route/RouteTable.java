package io.portolan.linux.route;

/** Well-known routing tables (rtnetlink.h, RT_TABLE_*). Others are any positive number. */
public final class RouteTable {
  public static final int DEFAULT = 253;
  public static final int MAIN = 254;

  /** Kept by the kernel: the host's own and broadcast addresses. */
  public static final int LOCAL = 255;

  private RouteTable() {}
}
