package io.portolan.linux.nfqueue;

/**
 * What a reader wants of a queue.
 *
 * @param number 0 to 65535, as in {@code queue num N}
 * @param copyBytes how much of each packet, from its network header on, 1 to 32768
 * @param maxLength packets that may wait for a verdict at a time, at least 1
 * @param failOpen whether packets pass, rather than being dropped, while as many wait
 */
public record PacketQueue(int number, int copyBytes, int maxLength, boolean failOpen) {
  /** A message with one packet fits the receive buffer of a netlink socket. */
  private static final int MAX_COPY_BYTES = 32 * 1024;

  public PacketQueue {
    if (number < 0 || number > 0xffff) {
      throw new IllegalArgumentException("queue " + number + ": 0 to 65535");
    }
    if (copyBytes < 1 || copyBytes > MAX_COPY_BYTES) {
      throw new IllegalArgumentException(
          "queue copy of " + copyBytes + " bytes: 1 to " + MAX_COPY_BYTES);
    }
    if (maxLength < 1) {
      throw new IllegalArgumentException("queue of " + maxLength + " packets: at least 1");
    }
  }
}
