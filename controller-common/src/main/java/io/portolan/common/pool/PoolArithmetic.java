package io.portolan.common.pool;

import io.portolan.common.cloud.Attachment;
import io.portolan.common.cloud.InstanceLimits;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.cloud.ObservedMachine;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;

/**
 * A node's pool in numbers. IPv4 only: IPv6 blocks are so large that one per node never runs out.
 *
 * <pre>
 *   target   = min(capacity, pods + cooling + reserve)
 *   capacity = min(usable slots x addresses per slot, machine's bound, profile's bound)
 *   supply   = single addresses + prefixes x 16, without what is marked or withdrawn
 * </pre>
 */
final class PoolArithmetic {
  private final NodePoolState state;
  private final ObservedMachine machine;
  private final InstanceLimits limits;

  PoolArithmetic(NodePoolState state, ObservedMachine machine) {
    this.state = state;
    this.machine = machine;
    this.limits = machine.limits();
  }

  /** Whether whole blocks are asked for at all. */
  boolean prefixMode() {
    return state.targets().prefixes() && state.capabilities().prefixes() && limits.prefixes();
  }

  int unit() {
    return prefixMode() ? limits.addressesPerPrefix() : 1;
  }

  /** Interfaces whose addresses pods may have, by card and index. */
  List<ObservedInterface> usable() {
    return machine.interfaces().stream().filter(this::mayServePods).toList();
  }

  private boolean mayServePods(ObservedInterface candidate) {
    if (candidate.unmanaged() || candidate.state() == ObservedInterface.State.DETACHING) {
      return false;
    }
    return candidate
        .attachment()
        .filter(a -> a.networkCard() > 0 || a.deviceIndex() >= state.targets().firstDeviceIndex())
        .isPresent();
  }

  /** Interfaces that could still be added. */
  int freePlaces() {
    if (!state.capabilities().createsInterfaces() || state.memory().machineFull().isPresent()) {
      return 0;
    }
    return Math.max(0, limits.interfaces() - machine.interfaces().size());
  }

  int freeSlots(ObservedInterface of) {
    return Math.max(0, limits.slotsPerInterface() - of.slotsTaken());
  }

  /** Whether there are addresses already, and room for more without another interface. */
  boolean partlyFilled() {
    return supply() > 0 && usable().stream().anyMatch(i -> freeSlots(i) > 0);
  }

  int capacity() {
    long slots = (long) (usable().size() + freePlaces()) * limits.slotsPerInterface();
    return (int) Math.min(slots * unit(), bound());
  }

  /** What profile, kubelet and cloud allow whatever the slots. */
  int bound() {
    return Math.min(limits.maxAddresses(), state.targets().maxAddresses());
  }

  int cooling(Instant now) {
    return state.demand().cooling(now, state.targets().cooldown());
  }

  int reserve() {
    return state.lifecycle() == NodePoolState.Lifecycle.ACTIVE ? state.targets().reserve() : 0;
  }

  int target(Instant now) {
    long wanted = (long) state.demand().pods() + cooling(now) + reserve();
    return (int) Math.min(wanted, capacity());
  }

  /** Whether some pod has no address to get: those that rest are of no use to it. */
  boolean podsWait(Instant now) {
    return supply() - cooling(now) < state.demand().pods();
  }

  /** Addresses for pods on all usable interfaces. */
  int supply() {
    return usable().stream().mapToInt(this::supplyOf).sum();
  }

  int supplyOf(ObservedInterface of) {
    return supplied(of).stream().mapToInt(PoolArithmetic::size).sum();
  }

  /** The blocks of an interface that the node may give to pods. */
  List<Cidr> supplied(ObservedInterface of) {
    return held(of).stream()
        .filter(c -> !state.handshake().marked(c) && !state.memory().withdrawn().contains(c))
        .toList();
  }

  /** All IPv4 blocks and addresses of an interface that are for pods. */
  static List<Cidr> held(ObservedInterface of) {
    TreeSet<Cidr> held = new TreeSet<>();
    of.addresses().stream().filter(IpAddress::isIpv4).map(IpAddress::toCidr).forEach(held::add);
    of.prefixes().stream().filter(p -> p.family() == IpFamily.IPV4).forEach(held::add);
    return List.copyOf(held);
  }

  static int size(Cidr cidr) {
    return cidr.size().intValueExact();
  }

  boolean busy(Cidr cidr) {
    return cidr.isSingleAddress()
        ? state.demand().busy().contains(cidr.network())
        : !state.demand().busy().subSet(cidr.network(), true, cidr.last(), true).isEmpty();
  }

  int busyCount(ObservedInterface of) {
    return (int) held(of).stream().filter(this::busy).count();
  }

  static boolean secondary(ObservedInterface of) {
    return !of.isPrimary();
  }

  static int deviceIndex(ObservedInterface of) {
    return of.attachment().map(Attachment::deviceIndex).orElse(0);
  }

  static int networkCard(ObservedInterface of) {
    return of.attachment().map(Attachment::networkCard).orElse(0);
  }
}
