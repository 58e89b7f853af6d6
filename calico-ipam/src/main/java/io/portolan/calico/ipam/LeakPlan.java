package io.portolan.calico.ipam;

import io.portolan.calico.model.AffinityOwner;
import io.portolan.calico.model.IpamBlock;
import io.portolan.calico.model.IpamHandle;
import io.portolan.calico.model.Stored;
import io.portolan.common.kube.ObjectKey;
import io.portolan.common.net.Cidr;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is to be collected, in this order.
 *
 * @param releases addresses, those of one handle together
 * @param settled blocks with addresses that have rested
 * @param blocks blocks to be taken from their owners
 * @param handles handles without addresses
 * @param memory for the next collection
 * @param counts what was seen
 */
public record LeakPlan(
    List<HandleRelease> releases,
    List<Stored<IpamBlock>> settled,
    List<BlockRelease> blocks,
    List<Stored<IpamHandle>> handles,
    LeakMemory memory,
    Counts counts) {
  public LeakPlan {
    releases = List.copyOf(releases);
    settled = List.copyOf(settled);
    blocks = List.copyOf(blocks);
    handles = List.copyOf(handles);
  }

  /**
   * All addresses of a handle.
   *
   * @param leaks of which the API server is asked once more, where the node is there
   */
  public record HandleRelease(String handle, List<Leak> leaks) {
    public HandleRelease {
      leaks = List.copyOf(leaks);
    }
  }

  /**
   * One leaked address.
   *
   * @param pod that has it no more; empty for a tunnel's
   * @param node that it was assigned for
   */
  public record Leak(ReleaseRequest release, Optional<ObjectKey> pod, String node) {}

  /**
   * @param mustBeEmpty whether it stays if it came into use
   * @param sequence it must still be at; empty for any
   */
  public record BlockRelease(
      AffinityOwner owner, Cidr cidr, boolean mustBeEmpty, OptionalLong sequence) {}

  /**
   * @param allocations addresses in use
   * @param candidates addresses that may have leaked, within their grace period
   */
  public record Counts(int blocks, int allocations, int candidates) {}

  public boolean isEmpty() {
    return releases.isEmpty() && settled.isEmpty() && blocks.isEmpty() && handles.isEmpty();
  }
}
