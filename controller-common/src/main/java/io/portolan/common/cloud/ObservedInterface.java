package io.portolan.common.cloud;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.common.net.MacAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * One network interface as the cloud shows it.
 *
 * @param ours whether it carries our cluster's tag: only such an interface may be detached or
 *     deleted. The interface a machine was born with is not ours, yet its addresses are managed
 * @param unmanaged tagged to be left alone entirely: no address of it is assigned, used or released
 * @param createdFor the node its tag names, if any
 * @param createdAt when it was created by its tag, if it has one
 * @param subnet where its addresses come from
 * @param primaryAddress its own address, which never goes to a pod
 * @param addresses further single addresses, in order
 * @param prefixes blocks assigned to it, in order
 * @param groups its security groups
 * @param attachment the bond to its machine; empty when {@link State#AVAILABLE}
 */
public record ObservedInterface(
    InterfaceId id,
    boolean ours,
    boolean unmanaged,
    Optional<NodeName> createdFor,
    Optional<Instant> createdAt,
    SubnetId subnet,
    MacAddress mac,
    IpAddress primaryAddress,
    List<IpAddress> addresses,
    List<Cidr> prefixes,
    List<SecurityGroupId> groups,
    State state,
    Optional<Attachment> attachment) {

  /** Where an interface is in its life. */
  public enum State {
    /** Exists, attached to nothing. */
    AVAILABLE,
    ATTACHING,
    ATTACHED,
    DETACHING
  }

  public ObservedInterface {
    if (attachment.isPresent() == (state == State.AVAILABLE)) {
      throw new IllegalArgumentException(
          id + ": an interface has an attachment exactly when it is not available");
    }
    addresses = new TreeSet<>(addresses).stream().toList();
    prefixes = new TreeSet<>(prefixes).stream().toList();
    List<SecurityGroupId> sorted = new ArrayList<>(groups);
    sorted.sort(Comparator.naturalOrder());
    groups = List.copyOf(sorted);
  }

  /** Whether the machine was born with it: never detached, never deleted by us. */
  public boolean isPrimary() {
    return attachment.filter(a -> a.networkCard() == 0 && a.deviceIndex() == 0).isPresent();
  }

  /**
   * IPv4 slots taken: one for each single address or prefix, the primary address not counted. EC2
   * bounds IPv6 separately.
   */
  public int slotsTaken() {
    return (int)
        (addresses.stream().filter(IpAddress::isIpv4).count()
            + prefixes.stream().filter(p -> p.family() == IpFamily.IPV4).count());
  }

  /** The same interface holding other addresses. */
  public ObservedInterface withAddresses(List<IpAddress> newAddresses, List<Cidr> newPrefixes) {
    return new ObservedInterface(
        id,
        ours,
        unmanaged,
        createdFor,
        createdAt,
        subnet,
        mac,
        primaryAddress,
        newAddresses,
        newPrefixes,
        groups,
        state,
        attachment);
  }

  /** The same interface in another state; {@code newAttachment} is empty only when available. */
  public ObservedInterface withState(State newState, Optional<Attachment> newAttachment) {
    return new ObservedInterface(
        id,
        ours,
        unmanaged,
        createdFor,
        createdAt,
        subnet,
        mac,
        primaryAddress,
        addresses,
        prefixes,
        groups,
        newState,
        newAttachment);
  }
}
