package io.portolan.calico.routing;

/**
 * Why something could not be planned; the rest is planned without it.
 *
 * @param reason for conditions
 * @param message names the object and what to do
 */
public record RoutingProblem(Reason reason, String message) {
  /** What kind of problem it is. */
  public enum Reason {
    /** The node, or its way to others, is not known. */
    NO_UPLINK,
    DUPLICATE_NODE_ADDRESS,
    DUPLICATE_TUNNEL_ADDRESS,
    NO_TUNNEL_ADDRESS,
    IPIP_UNAVAILABLE,
    BLOCK_OUTSIDE_POOLS,
    BLOCK_OF_SEVERAL_NODES
  }

  @Override
  public String toString() {
    return reason + ": " + message;
  }
}
