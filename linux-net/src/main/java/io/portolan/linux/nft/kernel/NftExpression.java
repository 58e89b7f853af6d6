package io.portolan.linux.nft.kernel;

import io.portolan.linux.nft.NftVerdict;

/**
 * One instruction of the kernel's virtual machine, as it stands in a rule.
 *
 * <p>Registers: 0 is the verdict, 1 to 4 are 16 bytes each, 8 to 23 are the same 64 bytes in fours.
 * The kernel names a register of four by the larger one wherever they begin together, and so does
 * this.
 */
sealed interface NftExpression {
  int REG_VERDICT = 0;
  int REG_1 = 1;

  /** Name of the register at {@code offset} bytes behind the start of register 1. */
  static int register(int offset) {
    return offset % 16 == 0 ? REG_1 + offset / 16 : 8 + offset / 4;
  }

  record Payload(int register, int base, int offset, int length) implements NftExpression {}

  /** Written from a register, without a checksum to mend. */
  record PayloadSet(int base, int offset, int length, int register) implements NftExpression {}

  record Meta(int register, int key) implements NftExpression {}

  record MetaSet(int key, int register) implements NftExpression {}

  /** {@code direction} is -1 for keys that have none. */
  record Ct(int register, int key, int direction) implements NftExpression {}

  record CtSet(int key, int register) implements NftExpression {}

  record Fib(int register, int result, int flags) implements NftExpression {}

  record Compare(int register, int operator, Octets data) implements NftExpression {
    static final int EQ = 0;
    static final int NEQ = 1;
    static final int LTE = 3;
    static final int GTE = 5;
  }

  record Range(int register, int operator, Octets from, Octets to) implements NftExpression {
    static final int NEQ = 1;
  }

  record Bitwise(int source, int destination, Octets mask, Octets xor) implements NftExpression {}

  /** A change of byte order; of one byte, as nft puts behind a protocol number, it is none. */
  record ByteOrderChange(int source, int destination, int length) implements NftExpression {}

  /** {@code destination} is -1 for a set, the verdict register for a verdict map. */
  record Lookup(String set, int source, int destination, boolean inverted)
      implements NftExpression {
    static final int NONE = -1;
  }

  record Immediate(int register, Octets value) implements NftExpression {}

  record ImmediateVerdict(NftVerdict verdict) implements NftExpression {}

  record Counter(long packets, long bytes) implements NftExpression {}

  record ObjectReference(int type, String name) implements NftExpression {
    static final int COUNTER = 1;
  }

  /** {@code snapLength} 0 copies the whole packet, {@code queueThreshold} 0 leaves it unsaid. */
  record Log(int group, String prefix, int snapLength, int queueThreshold)
      implements NftExpression {}

  record Limit(long rate, long unitSeconds, int burst, int flags) implements NftExpression {
    static final int OVER = 1;
  }

  record Reject(int type, int code) implements NftExpression {}

  /** {@code byTarget} in the form of iptables' target NFQUEUE, which the kernel runs as well. */
  record Queue(int number, boolean bypass, boolean byTarget) implements NftExpression {
    /** NFT_QUEUE_FLAG_BYPASS and NFQ_FLAG_BYPASS. */
    static final int BYPASS = 1;
  }

  record Notrack() implements NftExpression {}

  /** Registers are -1 where absent. */
  record Nat(int type, int family, int addressMin, int addressMax, int protoMin, int flags)
      implements NftExpression {
    static final int SOURCE = 0;
    static final int DESTINATION = 1;
    static final int ABSENT = -1;
  }

  record Masquerade(int flags) implements NftExpression {}

  /** One this library does not write. */
  record Unknown(String name) implements NftExpression {}
}
