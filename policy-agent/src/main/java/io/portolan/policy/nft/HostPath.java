package io.portolan.policy.nft;

import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftHook;
import io.portolan.policy.model.Direction;

/** Where packets meet the policy of host endpoints, each with base chains of its own. */
public enum HostPath {
  /** What comes in, before connection tracking. */
  RAW_IN("raw_in", NftHook.PREROUTING, -299, Direction.INGRESS),

  /** What the node sends, before connection tracking. */
  RAW_OUT("raw_out", NftHook.OUTPUT, -299, Direction.EGRESS),

  /** What comes in, before destination NAT. */
  PRE_DNAT("pre_dnat", NftHook.PREROUTING, -150, Direction.INGRESS),

  /** What comes in for the node itself. */
  INPUT("input", NftHook.INPUT, 1, Direction.INGRESS),

  /** What the node itself sends. */
  OUTPUT("output", NftHook.OUTPUT, 1, Direction.EGRESS),

  /** What comes in and goes on. */
  FORWARD_IN("forward_in", NftHook.FORWARD, -2, Direction.INGRESS),

  /** What came in and goes out. */
  FORWARD_OUT("forward_out", NftHook.FORWARD, -1, Direction.EGRESS);

  private final String text;
  private final NftHook hook;
  private final int priority;
  private final Direction direction;

  HostPath(String text, NftHook hook, int priority, Direction direction) {
    this.text = text;
    this.hook = hook;
    this.priority = priority;
    this.direction = direction;
  }

  public String text() {
    return text;
  }

  /** Seen from the host endpoint: in by it is ingress. */
  public Direction direction() {
    return direction;
  }

  public boolean isRaw() {
    return this == RAW_IN || this == RAW_OUT;
  }

  public boolean isForward() {
    return this == FORWARD_IN || this == FORWARD_OUT;
  }

  /** Name of the base chain. */
  public String chain() {
    return "host_" + text;
  }

  NftHook hook() {
    return hook;
  }

  int priority() {
    return priority;
  }

  /** The name of the interface that is the host endpoint's. */
  MetaField link() {
    return direction == Direction.INGRESS ? MetaField.IIFNAME : MetaField.OIFNAME;
  }
}
