package io.portolan.linux.route;

/** What the kernel knows of a neighbour (linux/neighbour.h, NUD_*). */
public enum NeighborState {
  NONE(0),
  INCOMPLETE(0x01),
  REACHABLE(0x02),
  STALE(0x04),
  DELAY(0x08),
  PROBE(0x10),
  FAILED(0x20),
  /** Needs no resolving; a static entry in a forwarding table. */
  NO_ARP(0x40),
  /** Set by an administrator; never resolved and never aged. */
  PERMANENT(0x80);

  private final int bit;

  NeighborState(int bit) {
    this.bit = bit;
  }

  int bit() {
    return bit;
  }

  /** The state of the highest bit; forwarding entries combine PERMANENT with NO_ARP. */
  static NeighborState of(int bits) {
    NeighborState state = NONE;
    for (NeighborState candidate : values()) {
      if ((bits & candidate.bit) != 0) {
        state = candidate;
      }
    }
    return state;
  }
}
