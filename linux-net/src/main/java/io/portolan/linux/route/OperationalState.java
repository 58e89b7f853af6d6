package io.portolan.linux.route;

/**
 * Whether a link carries packets (RFC 2863; linux/if.h, IF_OPER_*). The ordinal is the kernel's
 * number.
 */
public enum OperationalState {
  UNKNOWN,
  NOT_PRESENT,
  DOWN,
  LOWER_LAYER_DOWN,
  TESTING,
  DORMANT,
  UP;

  private static final OperationalState[] VALUES = values();

  static OperationalState of(int number) {
    return number < VALUES.length ? VALUES[number] : UNKNOWN;
  }
}
