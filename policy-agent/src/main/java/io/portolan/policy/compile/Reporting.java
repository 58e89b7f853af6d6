package io.portolan.policy.compile;

/**
 * What the table tells of what it does to connections, besides doing it.
 *
 * @param counts named counters, per policy, tier and direction
 * @param records copies of packets of new connections that are denied, or that a rule logs, to the
 *     reader of {@link #GROUP}
 */
public record Reporting(boolean counts, boolean records) {
  public static final Reporting NONE = new Reporting(false, false);
  public static final Reporting COUNTS = new Reporting(true, false);
  public static final Reporting ALL = new Reporting(true, true);

  /** The NFLOG group, a number of our own: Calico takes 1 and 2, and others the first few. */
  public static final int GROUP = 28783;

  /**
   * Enough for any header and a transport's first bytes: 40 of IPv6, a few extension headers, 8.
   */
  static final int SNAP_LENGTH = 128;

  /** Records of one kernel rule per second; what comes faster is dropped or counted just so. */
  static final int PER_SECOND = 50;

  /** Records of one kernel rule at once. */
  static final int BURST = 100;
}
