package io.portolan.common.cloud;

import io.portolan.common.net.Cidr;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a cloud said at one moment. Everything in it is ordered, so equal states are equal values
 * and plans made from them are equal too.
 *
 * @param observedAt when the first request of the reading was sent: later writes may be missing
 * @param machines by node; a node whose machine the cloud does not know has no entry
 * @param unattached interfaces tagged for our cluster that no machine holds, by id; whether they
 *     are wanted is the planner's question
 * @param subnets the subnets seen, by id
 * @param nodeCidrs blocks routed to a node as a whole (route tables, alias ranges)
 * @param networkCidrs destinations the network routes natively (the VPC's or VNET's blocks)
 */
public record CloudObservation(
    Instant observedAt,
    SortedMap<NodeName, ObservedMachine> machines,
    List<ObservedInterface> unattached,
    SortedMap<SubnetId, ObservedSubnet> subnets,
    SortedMap<NodeName, List<Cidr>> nodeCidrs,
    List<Cidr> networkCidrs) {

  /** Nothing seen, ever. */
  public static final CloudObservation EMPTY =
      new CloudObservation(
          Instant.EPOCH, new TreeMap<>(), List.of(), new TreeMap<>(), new TreeMap<>(), List.of());

  public CloudObservation {
    machines = Collections.unmodifiableSortedMap(new TreeMap<>(machines));
    List<ObservedInterface> byId = new ArrayList<>(unattached);
    byId.sort(Comparator.comparing(ObservedInterface::id));
    unattached = List.copyOf(byId);
    subnets = Collections.unmodifiableSortedMap(new TreeMap<>(subnets));
    SortedMap<NodeName, List<Cidr>> cidrs = new TreeMap<>();
    for (Map.Entry<NodeName, List<Cidr>> entry : nodeCidrs.entrySet()) {
      cidrs.put(entry.getKey(), entry.getValue().stream().sorted().toList());
    }
    nodeCidrs = Collections.unmodifiableSortedMap(cidrs);
    networkCidrs = networkCidrs.stream().sorted().toList();
  }

  /** The machine of a node, if the cloud knows it. */
  public Optional<ObservedMachine> machine(NodeName node) {
    return Optional.ofNullable(machines.get(node));
  }

  /** Unattached interfaces that were created for {@code node}. */
  public List<ObservedInterface> unattachedFor(NodeName node) {
    return unattached.stream()
        .filter(i -> i.createdFor().filter(node::equals).isPresent())
        .toList();
  }
}
