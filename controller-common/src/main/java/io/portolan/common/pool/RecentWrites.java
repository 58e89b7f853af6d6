package io.portolan.common.pool;

import io.portolan.common.cloud.Attachment;
import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.CloudObservation;
import io.portolan.common.cloud.CloudOutcome;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.cloud.ObservedMachine;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * Changes the cloud has confirmed and a reading may still miss, laid over every reading until one
 * is late enough to be trusted.
 *
 * <p>Without this, a reading that lags would show an unassigned address as still the node's (and
 * the cloud may have given it to another node), or miss a new interface and have a second one made.
 *
 * @param writes in the order they were confirmed
 */
public record RecentWrites(List<Write> writes) {
  public static final RecentWrites NONE = new RecentWrites(List.of());

  /**
   * @param at when it was confirmed
   */
  public record Write(Instant at, CloudAction action, CloudOutcome.Facts facts) {}

  public RecentWrites {
    writes = List.copyOf(writes);
  }

  public RecentWrites with(Instant at, CloudAction action, CloudOutcome.Facts facts) {
    List<Write> more = new ArrayList<>(writes);
    more.add(new Write(at, action, facts));
    return new RecentWrites(more);
  }

  /** Without those that a reading begun at {@code observedAt} must show. */
  public RecentWrites missingIn(Instant observedAt, Duration consistencyLag) {
    return new RecentWrites(
        writes.stream().filter(w -> observedAt.isBefore(w.at().plus(consistencyLag))).toList());
  }

  /** The reading as it would be if it did not lag. */
  public CloudObservation over(CloudObservation observation, Duration consistencyLag) {
    CloudObservation seen = observation;
    for (Write write : missingIn(observation.observedAt(), consistencyLag).writes()) {
      seen = apply(seen, write);
    }
    return seen;
  }

  private static CloudObservation apply(CloudObservation seen, Write write) {
    CloudOutcome.Facts facts = write.facts();
    return switch (write.action()) {
      case CloudAction.CreateInterface _ -> created(seen, facts);
      case CloudAction.AttachInterface attach -> attached(seen, attach, facts);
      case CloudAction.DeleteWithMachine protect ->
          change(seen, protect.interfaceId(), RecentWrites::diesWithMachine);
      case CloudAction.AssignAddresses assign ->
          change(seen, assign.interfaceId(), i -> plus(i, facts.assigned()));
      case CloudAction.AssignPrefixes assign ->
          change(seen, assign.interfaceId(), i -> plus(i, facts.assigned()));
      case CloudAction.Unassign unassign ->
          change(seen, unassign.interfaceId(), i -> minus(i, unassign.cidrs()));
      case CloudAction.DetachInterface detach -> detached(seen, detach.interfaceId());
      case CloudAction.DeleteInterface delete -> without(seen, delete.interfaceId());
      case CloudAction.AssignNodeCidr assign ->
          nodeCidrs(seen, assign.node(), facts.nodeCidr(), Optional.empty());
      case CloudAction.ReleaseNodeCidr release ->
          nodeCidrs(seen, release.node(), Optional.empty(), Optional.of(release.cidr()));
    };
  }

  private static CloudObservation created(CloudObservation seen, CloudOutcome.Facts facts) {
    if (facts.interfaceNow().isEmpty()) {
      return seen;
    }
    ObservedInterface made = facts.interfaceNow().get();
    if (find(seen, made.id()).isPresent()) {
      return seen;
    }
    List<ObservedInterface> unattached = new ArrayList<>(seen.unattached());
    unattached.add(made);
    return with(seen, seen.machines(), unattached);
  }

  private static CloudObservation attached(
      CloudObservation seen, CloudAction.AttachInterface attach, CloudOutcome.Facts facts) {
    Optional<ObservedInterface> loose =
        seen.unattached().stream().filter(i -> i.id().equals(attach.interfaceId())).findFirst();
    ObservedMachine machine = seen.machines().get(attach.node());
    if (machine == null) {
      return seen;
    }
    Attachment bond =
        facts
            .attachment()
            .orElse(
                new Attachment(
                    Optional.empty(),
                    attach.instance(),
                    attach.networkCard(),
                    attach.deviceIndex(),
                    false));
    if (loose.isEmpty()) {
      return change(
          seen,
          attach.interfaceId(),
          i ->
              i.state() == ObservedInterface.State.ATTACHING
                  ? i.withState(ObservedInterface.State.ATTACHED, i.attachment())
                  : i);
    }
    CloudObservation rest = without(seen, attach.interfaceId());
    List<ObservedInterface> held = new ArrayList<>(machine.interfaces());
    held.add(loose.get().withState(ObservedInterface.State.ATTACHED, Optional.of(bond)));
    SortedMap<NodeName, ObservedMachine> machines = new TreeMap<>(rest.machines());
    machines.put(attach.node(), with(machine, held));
    return with(rest, machines, rest.unattached());
  }

  private static CloudObservation detached(CloudObservation seen, InterfaceId id) {
    Optional<ObservedInterface> held = find(seen, id);
    if (held.isEmpty() || held.get().state() == ObservedInterface.State.AVAILABLE) {
      return seen;
    }
    CloudObservation rest = without(seen, id);
    List<ObservedInterface> unattached = new ArrayList<>(rest.unattached());
    unattached.add(held.get().withState(ObservedInterface.State.AVAILABLE, Optional.empty()));
    return with(rest, rest.machines(), unattached);
  }

  private static CloudObservation without(CloudObservation seen, InterfaceId id) {
    SortedMap<NodeName, ObservedMachine> machines = new TreeMap<>();
    seen.machines()
        .forEach((node, machine) ->
            machines.put(
                node,
                with(
                    machine,
                    machine.interfaces().stream().filter(i -> !i.id().equals(id)).toList())));
    return with(
        seen, machines, seen.unattached().stream().filter(i -> !i.id().equals(id)).toList());
  }

  private static CloudObservation change(
      CloudObservation seen, InterfaceId id, UnaryOperator<ObservedInterface> how) {
    UnaryOperator<ObservedInterface> onlyThat = i -> i.id().equals(id) ? how.apply(i) : i;
    SortedMap<NodeName, ObservedMachine> machines = new TreeMap<>();
    seen.machines()
        .forEach((node, machine) ->
            machines.put(
                node, with(machine, machine.interfaces().stream().map(onlyThat).toList())));
    return with(seen, machines, seen.unattached().stream().map(onlyThat).toList());
  }

  private static ObservedInterface diesWithMachine(ObservedInterface held) {
    return held.withState(
        held.state(),
        held.attachment()
            .map(
                a -> new Attachment(a.id(), a.instance(), a.networkCard(), a.deviceIndex(), true)));
  }

  private static ObservedInterface plus(ObservedInterface to, List<Cidr> cidrs) {
    TreeSet<IpAddress> addresses = new TreeSet<>(to.addresses());
    TreeSet<Cidr> prefixes = new TreeSet<>(to.prefixes());
    for (Cidr cidr : cidrs) {
      if (cidr.isSingleAddress()) {
        addresses.add(cidr.network());
      } else {
        prefixes.add(cidr);
      }
    }
    return to.withAddresses(List.copyOf(addresses), List.copyOf(prefixes));
  }

  private static ObservedInterface minus(ObservedInterface from, List<Cidr> cidrs) {
    return from.withAddresses(
        from.addresses().stream().filter(a -> !cidrs.contains(a.toCidr())).toList(),
        from.prefixes().stream().filter(p -> !cidrs.contains(p)).toList());
  }

  private static CloudObservation nodeCidrs(
      CloudObservation seen, NodeName node, Optional<Cidr> more, Optional<Cidr> less) {
    TreeSet<Cidr> cidrs = new TreeSet<>(seen.nodeCidrs().getOrDefault(node, List.of()));
    more.ifPresent(cidrs::add);
    less.ifPresent(cidrs::remove);
    SortedMap<NodeName, List<Cidr>> all = new TreeMap<>(seen.nodeCidrs());
    all.put(node, List.copyOf(cidrs));
    return new CloudObservation(
        seen.observedAt(),
        seen.machines(),
        seen.unattached(),
        seen.subnets(),
        all,
        seen.networkCidrs());
  }

  private static Optional<ObservedInterface> find(CloudObservation seen, InterfaceId id) {
    for (ObservedMachine machine : seen.machines().values()) {
      for (ObservedInterface held : machine.interfaces()) {
        if (held.id().equals(id)) {
          return Optional.of(held);
        }
      }
    }
    return seen.unattached().stream().filter(i -> i.id().equals(id)).findFirst();
  }

  private static ObservedMachine with(ObservedMachine machine, List<ObservedInterface> held) {
    return new ObservedMachine(
        machine.node(),
        machine.instance(),
        machine.machineType(),
        machine.zone(),
        machine.state(),
        machine.limits(),
        held);
  }

  private static CloudObservation with(
      CloudObservation seen,
      SortedMap<NodeName, ObservedMachine> machines,
      List<ObservedInterface> unattached) {
    return new CloudObservation(
        seen.observedAt(),
        machines,
        unattached,
        seen.subnets(),
        seen.nodeCidrs(),
        seen.networkCidrs());
  }
}
