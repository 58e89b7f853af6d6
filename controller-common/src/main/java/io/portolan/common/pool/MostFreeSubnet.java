package io.portolan.common.pool;

import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.cloud.ObservedSubnet;
import io.portolan.common.cloud.Placement;
import io.portolan.common.cloud.SecurityGroupId;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The placement that needs no knowledge of a particular cloud: among the subnets of the machine's
 * zone that the rules admit, the one with the most free addresses; without rules the subnet of the
 * primary interface.
 */
public final class MostFreeSubnet implements Placement {

  @Override
  public Choice place(Request request) {
    Optional<ObservedInterface> primary = request.machine().primary();
    List<ObservedSubnet> candidates =
        request.subnets().values().stream().filter(s -> admitted(request, s, primary)).toList();
    if (candidates.isEmpty()) {
      return new Choice.Nowhere(
          "NoSubnet",
          "no subnet in zone "
              + request.machine().zone()
              + " fits the profile's subnetIds and subnetTags; add one");
    }
    Optional<ObservedSubnet> best =
        candidates.stream()
            .filter(s -> !request.avoid().contains(s.id()))
            .max(
                Comparator.<ObservedSubnet>comparingInt(
                        s -> s.freeAddresses().orElse(Integer.MAX_VALUE))
                    .thenComparing(ObservedSubnet::id, Comparator.reverseOrder()));
    if (best.isEmpty()) {
      return new Choice.Nowhere(
          "SubnetExhausted",
          "no free address in "
              + candidates.stream().map(s -> s.id().value()).toList()
              + "; add a subnet to the profile, or lower the max pods of its nodes");
    }
    List<SecurityGroupId> groups =
        request.rules().groups().isEmpty()
            ? primary.map(ObservedInterface::groups).orElse(List.of())
            : request.rules().groups();
    return new Choice.In(best.get().id(), groups, "most free of " + candidates.size());
  }

  private static boolean admitted(
      Request request, ObservedSubnet subnet, Optional<ObservedInterface> primary) {
    Rules rules = request.rules();
    if (!subnet.zone().equals(request.machine().zone())) {
      return false;
    }
    if (!rules.subnetIds().isEmpty()) {
      return rules.subnetIds().contains(subnet.id());
    }
    if (!rules.subnetTags().isEmpty()) {
      return subnet.hasTags(rules.subnetTags());
    }
    return primary.filter(p -> p.subnet().equals(subnet.id())).isPresent();
  }
}
