package io.portolan.calico.routing;

import java.util.Optional;

/** One step from what the kernel holds to what it is to hold. */
public sealed interface RoutingChange {
  /**
   * Replaces the packet rules in one transaction.
   *
   * @param before what is there, as far as it is known
   * @param after empty to have none
   */
  record Rules(Optional<PacketRules> before, Optional<PacketRules> after) implements RoutingChange {
    @Override
    public String toString() {
      return after.isEmpty() ? "delete rules" : before.isEmpty() ? "add rules" : "change rules";
    }
  }

  /**
   * Makes a device.
   *
   * @param anew one of this name is deleted first, with all that is on it
   */
  record Make(TunnelLink link, boolean anew) implements RoutingChange {
    @Override
    public String toString() {
      return (anew ? "make anew " : "make ") + link;
    }
  }

  /** Changes a device in place. */
  record Adjust(TunnelLink link) implements RoutingChange {
    @Override
    public String toString() {
      return "adjust " + link;
    }
  }

  /** Adds, or overwrites what is there under the same key. */
  record Put(RoutingObject object) implements RoutingChange {
    @Override
    public String toString() {
      return "put " + object;
    }
  }

  record Remove(RoutingObject object) implements RoutingChange {
    @Override
    public String toString() {
      return "remove " + object;
    }
  }

  record RemoveLink(String name) implements RoutingChange {
    @Override
    public String toString() {
      return "remove link " + name;
    }
  }
}
