package io.portolan.linux.route;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** Flags of an interface address (linux/if_addr.h, IFA_F_*). */
public enum AddressFlag {
  /** Not the first of its subnet on the link; a temporary address in IPv6. */
  SECONDARY(0x01),
  /** Usable at once, without duplicate address detection. */
  NO_DAD(0x02),
  OPTIMISTIC(0x04),
  DAD_FAILED(0x08),
  HOME_ADDRESS(0x10),
  DEPRECATED(0x20),
  /** Duplicate address detection is going on. */
  TENTATIVE(0x40),
  /** Without a lifetime. */
  PERMANENT(0x80),
  MANAGE_TEMPORARY(0x100),
  /** Without a route to its subnet. */
  NO_PREFIX_ROUTE(0x200),
  MULTICAST_AUTO_JOIN(0x400),
  STABLE_PRIVACY(0x800);

  private final int bit;

  AddressFlag(int bit) {
    this.bit = bit;
  }

  static int bits(Set<AddressFlag> flags) {
    int bits = 0;
    for (AddressFlag flag : flags) {
      bits |= flag.bit;
    }
    return bits;
  }

  /** Bits of newer kernels that have no name here are left out. */
  static Set<AddressFlag> of(int bits) {
    EnumSet<AddressFlag> flags = EnumSet.noneOf(AddressFlag.class);
    for (AddressFlag flag : values()) {
      if ((bits & flag.bit) != 0) {
        flags.add(flag);
      }
    }
    return Collections.unmodifiableSet(flags);
  }
}
