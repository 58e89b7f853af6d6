package io.portolan.linux.conntrack;

import io.portolan.linux.route.AddressFamily;

/**
 * A tracked connection.
 *
 * @param original direction of its first packet
 * @param reply what answers carry; differs from the reversed original where addresses are
 *     translated
 * @param zone 0 unless rules put it in another
 * @param mark the connection mark
 * @param labels the label bits
 * @param status linux/netfilter/nf_conntrack_common.h, IPS_*
 * @param timeoutSeconds until it is forgotten
 * @param id tells it from a later flow of the same addresses
 */
public record Flow(
    FlowTuple original,
    FlowTuple reply,
    int zone,
    int mark,
    FlowLabels labels,
    int status,
    long timeoutSeconds,
    int id) {
  private static final int SEEN_REPLY = 1 << 1;
  private static final int ASSURED = 1 << 2;

  public AddressFamily family() {
    return AddressFamily.of(original.source());
  }

  /** Whether packets went both ways. */
  public boolean hasReplied() {
    return (status & SEEN_REPLY) != 0;
  }

  /** Whether it is kept when the table is full: an established TCP connection, for one. */
  public boolean isAssured() {
    return (status & ASSURED) != 0;
  }

  @Override
  public String toString() {
    return "flow " + original + " zone " + zone + " mark 0x" + Integer.toHexString(mark);
  }
}
