package io.portolan.calico.routing.kernel;

/** How a restarted process recognises what it made. */
final class Ownership {
  /** Of routes; not in /etc/iproute2/rt_protos. Host routes of pods have another (112). */
  static final int ROUTE_PROTOCOL = 113;

  /** Behind the routes of pods, which have 0 or, for IPv6, 1024. */
  static final int ROUTE_METRIC = 2000;

  /** "pt" */
  static final int LINK_GROUP = 0x7074;

  private Ownership() {}
}
