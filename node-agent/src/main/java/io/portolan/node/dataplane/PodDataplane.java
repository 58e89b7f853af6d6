package io.portolan.node.dataplane;

import io.portolan.common.net.IpFamily;
import io.portolan.node.endpoint.Attachment;
import io.portolan.node.ipam.Supply;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The kernel's side of attachments. Callable from many threads, one attachment by one at a time.
 */
public interface PodDataplane {
  /**
   * Makes the attachment's links, addresses and routes.
   *
   * @param supply tells which cloud interface carries the addresses
   * @param mtu bytes; left out: that of the node's uplink
   * @param closed returns when the interface is policed; runs when the link is there and before any
   *     packet can use it
   */
  WiringOutcome wire(Attachment attachment, Supply supply, OptionalInt mtu, Runnable closed);

  /**
   * Takes addresses, routes and rules away at once; the link itself goes a little later. What is
   * not there is no error.
   */
  void unwire(Attachment attachment);

  /**
   * What of the attachment is missing or wrong; empty if all is well.
   *
   * @param defaults families whose default route in the container is still ours to have: a later
   *     plugin of the chain may have replaced it
   */
  List<String> defects(Attachment attachment, Supply supply, Set<IpFamily> defaults);

  /** The attachments whose host ends are there, as far as the kernel remembers them. */
  List<Attachment> found();

  /** Whether the attachment's link is there. */
  boolean exists(Attachment attachment);

  /** Restores host routes and rules of an attachment whose link is there. */
  void repair(Attachment attachment, Supply supply);
}
