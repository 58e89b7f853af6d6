package io.portolan.calico.model;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Addresses to be given out in blocks.
 *
 * @param blockSize prefix length of its blocks
 * @param nodeSelector which nodes take from it unasked, in Calico's selector language
 * @param namespaceSelector whose pods take from it unasked; empty for all
 * @param automatic whether anybody takes from it unasked
 * @param created for the order in which pools that overlap win
 * @param terminating whether it is being deleted
 * @param allocatable the controller's verdict, if it gave one
 */
public record IpPool(
    String name,
    Cidr cidr,
    int blockSize,
    Mode vxlan,
    Mode ipip,
    boolean natOutgoing,
    boolean disabled,
    boolean disableBgpExport,
    String nodeSelector,
    String namespaceSelector,
    Set<Use> uses,
    boolean automatic,
    Instant created,
    boolean terminating,
    Optional<Boolean> allocatable) {

  /** When packets to the pool's addresses are encapsulated. */
  public enum Mode {
    NEVER,
    ALWAYS,
    CROSS_SUBNET
  }

  /** What its addresses may be used for. */
  public enum Use {
    WORKLOAD("Workload"),
    TUNNEL("Tunnel"),
    LOAD_BALANCER("LoadBalancer");

    private final String text;

    Use(String text) {
      this.text = text;
    }

    /** As objects say it. */
    public String text() {
      return text;
    }
  }

  public IpPool {
    uses =
        Collections.unmodifiableSet(
            uses.isEmpty() ? EnumSet.noneOf(Use.class) : EnumSet.copyOf(uses));
  }

  /** The prefix length of blocks where a pool says none. */
  public static int defaultBlockSize(IpFamily family) {
    return family == IpFamily.IPV4 ? 26 : 122;
  }

  /** Whether new addresses may be taken from it. */
  public boolean isEnabled() {
    return !disabled && !terminating && allocatable.orElse(true);
  }

  @Override
  public String toString() {
    return name + " (" + cidr + ")";
  }
}
