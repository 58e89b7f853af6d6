package io.portolan.common.pool;

import io.portolan.common.cloud.CloudAction;
import io.portolan.common.net.Cidr;
import java.util.List;

/**
 * One step of a pool plan. Steps are performed in order; the first that does not succeed ends the
 * pass.
 */
public sealed interface PoolAction {
  /** A change in the cloud. */
  record InCloud(CloudAction action) implements PoolAction {}

  /** Asks the node to give blocks up: a mark in the supply, with the supply's next revision. */
  record MarkForRelease(List<Cidr> cidrs) implements PoolAction {
    public MarkForRelease {
      cidrs = cidrs.stream().sorted().toList();
    }
  }

  /** Gives marked or withdrawn blocks back to the node. */
  record TakeBack(List<Cidr> cidrs) implements PoolAction {
    public TakeBack {
      cidrs = cidrs.stream().sorted().toList();
    }
  }

  /**
   * Removes acknowledged blocks from the supply the node sees.
   *
   * <p>Crash order: withdrawn from the supply first, unassigned second. A crash between leaves an
   * assigned address nobody uses, which the next plan offers again; the other order would leave a
   * moment in which the node's supply names an address the cloud may have given to another node.
   */
  record Withdraw(List<Cidr> cidrs) implements PoolAction {
    public Withdraw {
      cidrs = cidrs.stream().sorted().toList();
    }
  }
}
