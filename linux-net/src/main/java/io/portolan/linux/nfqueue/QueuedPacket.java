package io.portolan.linux.nfqueue;

import java.nio.ByteBuffer;

/**
 * A packet that waits for a verdict.
 *
 * @param id by which the verdict names it, unsigned, counted by the queue
 * @param etherType what the payload is: 0x0800 for IPv4, 0x86dd for IPv6
 * @param mark of the packet
 * @param payload from the network header on, as much as the reader asked for
 */
public record QueuedPacket(int id, int etherType, int mark, ByteBuffer payload) {
  public QueuedPacket {
    payload = payload.slice().asReadOnlyBuffer();
  }

  /** Read-only, big endian, at its start; each call has a position of its own. */
  @Override
  public ByteBuffer payload() {
    return payload.duplicate();
  }
}
