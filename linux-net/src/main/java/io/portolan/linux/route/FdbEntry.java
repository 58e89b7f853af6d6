package io.portolan.linux.route;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;

/**
 * An entry of a link's forwarding table: behind which tunnel endpoint or port a MAC address is.
 *
 * @param link index of the VXLAN device, or of the bridge port
 * @param mac all zeros is the default destination of a VXLAN device
 * @param destination address of the remote tunnel endpoint
 * @param state PERMANENT, NO_ARP (static) or what was learned
 * @param self in the device's own table; otherwise in that of the bridge it is a port of
 */
public record FdbEntry(
    int link, MacAddress mac, Optional<InetAddress> destination, NeighborState state, boolean self)
    implements NetworkObject {

  public FdbEntry {
    if (link <= 0) {
      throw new IllegalArgumentException("link " + link + ": a link index is above 0");
    }
    destination = destination.map(InetBytes::withoutScope);
  }

  /** Sends frames for {@code mac} to the tunnel endpoint {@code destination}, for good. */
  public static FdbEntry vxlan(int link, MacAddress mac, InetAddress destination) {
    return new FdbEntry(link, mac, Optional.of(destination), NeighborState.PERMANENT, true);
  }

  @Override
  public String toString() {
    return "fdb "
        + mac
        + " on link "
        + link
        + destination.map(d -> " dst " + d.getHostAddress()).orElse("")
        + (self ? " self " : " master ")
        + state.name().toLowerCase(Locale.ROOT);
  }
}
