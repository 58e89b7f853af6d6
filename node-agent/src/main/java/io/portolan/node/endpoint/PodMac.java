package io.portolan.node.endpoint;

import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;
import java.util.List;

/**
 * MAC addresses of pod links. They never leave the link, so they need not be unique beyond the
 * node; following from the address makes them legible in captures and the same after a restart.
 */
public final class PodMac {
  /** The host's end of every pod link, as in Calico. */
  public static final MacAddress HOST = MacAddress.parse("ee:ee:ee:ee:ee:ee");

  private PodMac() {}

  /** {@code 0a:58} and the last four bytes of the first address: locally administered, unicast. */
  public static MacAddress of(List<IpAddress> addresses) {
    return new MacAddress(0x0a58L << 32 | (addresses.getFirst().low() & 0xffff_ffffL));
  }
}
