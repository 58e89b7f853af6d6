package io.portolan.calico.routing;

/**
 * When packets to a pool's blocks travel in a tunnel (IPPool {@code vxlanMode}, {@code ipipMode}).
 */
public enum Encapsulation {
  NEVER,
  ALWAYS,
  /** Only to nodes of another subnet. */
  CROSS_SUBNET;

  boolean applies(boolean sameSubnet) {
    return switch (this) {
      case NEVER -> false;
      case ALWAYS -> true;
      case CROSS_SUBNET -> !sameSubnet;
    };
  }
}
