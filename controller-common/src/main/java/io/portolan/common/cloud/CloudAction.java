package io.portolan.common.cloud;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import java.util.List;
import java.util.Optional;

/**
 * One change to a cloud's network: exactly one request that changes anything, so that a crash or a
 * lost reply leaves the cloud in the state before it or the state after it, never between.
 */
public sealed interface CloudAction {

  /** The node the change is for. */
  NodeName node();

  /**
   * Makes an interface that is not attached to anything yet, with its first addresses.
   *
   * <p>The creating request itself carries the tags that name our cluster, the node and the time,
   * so nothing exists for a moment without saying whose it is.
   *
   * @param addresses single addresses beyond the interface's own; 0 when prefixes are asked for
   * @param prefixes whole blocks; 0 when single addresses are asked for
   * @param token repeats of one intent carry one token
   */
  record CreateInterface(
      NodeName node,
      InstanceId instance,
      SubnetId subnet,
      List<SecurityGroupId> groups,
      int addresses,
      int prefixes,
      ActionToken token)
      implements CloudAction {
    public CreateInterface {
      if (addresses < 0 || prefixes < 0 || (addresses > 0 && prefixes > 0)) {
        throw new IllegalArgumentException(
            "an interface starts with addresses or with prefixes, not both");
      }
      groups = List.copyOf(groups);
    }
  }

  record AttachInterface(
      NodeName node, InstanceId instance, InterfaceId interfaceId, int networkCard, int deviceIndex)
      implements CloudAction {}

  /** Has the cloud delete the interface when its machine is terminated. */
  record DeleteWithMachine(NodeName node, InterfaceId interfaceId, AttachmentId attachment)
      implements CloudAction {}

  /** Adds {@code count} single addresses of the cloud's choice. */
  record AssignAddresses(NodeName node, InterfaceId interfaceId, IpFamily family, int count)
      implements CloudAction {
    public AssignAddresses {
      requirePositive(count);
    }
  }

  /** Adds {@code count} blocks of the cloud's choice, each of the machine type's prefix length. */
  record AssignPrefixes(NodeName node, InterfaceId interfaceId, IpFamily family, int count)
      implements CloudAction {
    public AssignPrefixes {
      requirePositive(count);
    }
  }

  /**
   * Takes addresses (as /32 or /128) or blocks away.
   *
   * @param cidrs all single addresses or all blocks: EC2 names them by different parameters
   */
  record Unassign(NodeName node, InterfaceId interfaceId, List<Cidr> cidrs) implements CloudAction {
    public Unassign {
      requirePositive(cidrs.size());
      cidrs = cidrs.stream().sorted().toList();
      if (cidrs.stream().map(Cidr::isSingleAddress).distinct().count() > 1) {
        throw new IllegalArgumentException("addresses and blocks are unassigned separately");
      }
    }
  }

  /** Parts an interface from its machine; never one with {@link ObservedInterface#isPrimary()}. */
  record DetachInterface(NodeName node, InterfaceId interfaceId, Optional<AttachmentId> attachment)
      implements CloudAction {}

  /** Deletes an unattached interface that carries our tag. */
  record DeleteInterface(NodeName node, InterfaceId interfaceId) implements CloudAction {}

  /** Routes a block to the node as a whole: a route (Azure) or an alias range (Google). */
  record AssignNodeCidr(NodeName node, InstanceId instance, NodeCidrRequest request)
      implements CloudAction {}

  /** Ends the routing of a block to the node. */
  record ReleaseNodeCidr(NodeName node, InstanceId instance, Cidr cidr) implements CloudAction {}

  /** Which block a node is to get. */
  sealed interface NodeCidrRequest {
    /** This one: chosen by us (Azure routes), or known already and to be restored. */
    record Exactly(Cidr cidr) implements NodeCidrRequest {}

    /** Any free one of a length, out of a named range of the subnet; the cloud picks (Google). */
    record AnyOf(SubnetId range, int prefixLength) implements NodeCidrRequest {}
  }

  private static void requirePositive(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("an action changes at least one address");
    }
  }
}
