package io.portolan.linux.nflog;

import java.time.Duration;

/**
 * What a reader wants of a group.
 *
 * @param number 0 to 65535, as in {@code log group N}
 * @param copyBytes how much of each packet, from its network header on, 0 to 32768; a rule's
 *     snaplen may make it less
 * @param queueThreshold packets that the kernel collects before it wakes the reader, at least 1; a
 *     rule's queue-threshold may make it less
 * @param flushAfter how long packets wait for that many, 10 ms to 1 hour, in steps of 10 ms
 */
public record NflogGroup(int number, int copyBytes, int queueThreshold, Duration flushAfter) {
  /** A message with one packet fits the receive buffer of a netlink socket. */
  static final int MAX_COPY_BYTES = 32 * 1024;

  private static final Duration STEP = Duration.ofMillis(10);

  public NflogGroup {
    if (number < 0 || number > 0xffff) {
      throw new IllegalArgumentException("NFLOG group " + number + ": 0 to 65535");
    }
    if (copyBytes < 0 || copyBytes > MAX_COPY_BYTES) {
      throw new IllegalArgumentException(
          "NFLOG copy of " + copyBytes + " bytes: 0 to " + MAX_COPY_BYTES);
    }
    if (queueThreshold < 1) {
      throw new IllegalArgumentException(
          "NFLOG queue threshold " + queueThreshold + ": at least 1");
    }
    if (flushAfter.compareTo(STEP) < 0 || flushAfter.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("NFLOG flush after " + flushAfter + ": 10 ms to 1 hour");
    }
  }

  /** Each packet at once. */
  public static NflogGroup of(int number, int copyBytes) {
    return new NflogGroup(number, copyBytes, 1, Duration.ofSeconds(1));
  }

  /** In the kernel's unit. */
  int flushAfterSteps() {
    return Math.toIntExact(flushAfter.dividedBy(STEP));
  }
}
