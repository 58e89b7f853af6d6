package io.portolan.policy.model;

import io.portolan.common.net.Cidr;
import io.portolan.policy.select.PodQuery;
import java.util.List;

/** The other end of a connection, as a rule names it. */
public sealed interface Peer {

  /** Everybody; the rule names no peer. */
  record Anyone() implements Peer {}

  /** Pods, by namespace and labels. Pods in the host's network are never meant. */
  record Pods(PodQuery query) implements Peer {}

  /**
   * Addresses of a block, pods' among them.
   *
   * @param except taken out of this block only; another rule may still allow them
   */
  record Block(Cidr cidr, List<Cidr> except) implements Peer {
    public Block {
      except = List.copyOf(except);
    }
  }
}
