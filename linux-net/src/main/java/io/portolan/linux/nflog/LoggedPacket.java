package io.portolan.linux.nflog;

import io.portolan.linux.nft.NftHook;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A packet that met a {@code log group N} rule.
 *
 * @param group that it was sent to
 * @param etherType what the payload is: 0x0800 for IPv4, 0x86dd for IPv6
 * @param hook that the rule's chain hangs from; empty for those of the families arp and netdev
 * @param prefix the rule's, empty for none
 * @param mark of the packet
 * @param inInterface index of the interface it came by, 0 never; empty at the hook output
 * @param outInterface index of the interface it leaves by; empty before routing
 * @param payload from the network header on, as much as the reader and the rule let be copied
 */
public record LoggedPacket(
    int group,
    int etherType,
    Optional<NftHook> hook,
    String prefix,
    int mark,
    OptionalInt inInterface,
    OptionalInt outInterface,
    ByteBuffer payload) {

  public LoggedPacket {
    payload = payload.slice().asReadOnlyBuffer();
  }

  /** Read-only, big endian, at its start; each call has a position of its own. */
  @Override
  public ByteBuffer payload() {
    return payload.duplicate();
  }
}
