package io.portolan.linux.route;

/**
 * Who installed a route or rule (rtnetlink.h, RTPROT_*). A program that must find its own again
 * picks a number of its own that is not in /etc/iproute2/rt_protos.
 */
public final class RouteProtocol {
  public static final int UNSPECIFIED = 0;
  public static final int REDIRECT = 1;
  public static final int KERNEL = 2;
  public static final int BOOT = 3;
  public static final int STATIC = 4;
  public static final int BIRD = 12;

  private RouteProtocol() {}
}
