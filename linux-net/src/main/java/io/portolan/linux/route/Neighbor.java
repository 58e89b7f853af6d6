package io.portolan.linux.route;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;

/**
 * An entry of a link's ARP or neighbour discovery table.
 *
 * @param link index of the link
 * @param address the neighbour's
 * @param mac its link-layer address; none for a proxy entry or one that is not resolved
 * @param state {@link NeighborState#NONE} for a proxy entry
 * @param proxy answer for this address on the link
 */
public record Neighbor(
    int link, InetAddress address, Optional<MacAddress> mac, NeighborState state, boolean proxy)
    implements NetworkObject {

  public Neighbor {
    if (link < 0) {
      throw new IllegalArgumentException("link " + link + ": a link index is not negative");
    }
    address = InetBytes.withoutScope(address);
  }

  /** An entry that stays as it is. */
  public static Neighbor permanent(int link, InetAddress address, MacAddress mac) {
    return new Neighbor(link, address, Optional.of(mac), NeighborState.PERMANENT, false);
  }

  /** Makes the link answer ARP or neighbour solicitations for the address. */
  public static Neighbor proxy(int link, InetAddress address) {
    return new Neighbor(link, address, Optional.empty(), NeighborState.NONE, true);
  }

  @Override
  public String toString() {
    return "neighbour "
        + address.getHostAddress()
        + " on link "
        + link
        + mac.map(m -> " is " + m).orElse("")
        + (proxy ? " proxy" : " " + state.name().toLowerCase(Locale.ROOT));
  }
}
