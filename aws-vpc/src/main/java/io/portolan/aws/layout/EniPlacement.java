package io.portolan.aws.layout;

import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.cloud.ObservedMachine;
import io.portolan.common.cloud.ObservedSubnet;
import io.portolan.common.cloud.Placement;
import io.portolan.common.cloud.SecurityGroupId;
import io.portolan.common.cloud.SubnetId;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Chooses the subnet and the security groups of a new ENI.
 *
 * <p>GOAL: an ENI that EC2 will accept, where the most addresses are left.
 *
 * <p>CONSTRAINTS: an ENI attaches only to an instance of its own availability zone; the profile's
 * subnets, where it names any, are the only candidates.
 *
 * <p>ALGORITHM: candidates are the profile's subnet ids, else the subnets that carry all of the
 * profile's tags, else the subnet of the machine's primary ENI; of these, the ones in the machine's
 * zone. Those that lately had nothing to give are passed over; the one with the most free addresses
 * wins, the lower id on a tie. A full subnet is no candidate: an ENI takes an address for itself.
 *
 * <p>EXAMPLE: node in eu-central-1a, tags {@code pods=yes} on subnet-1 (1a, 40 free), subnet-2 (1a,
 * 900 free) and subnet-3 (1b, 4000 free): subnet-2; once it is in {@code avoid}, subnet-1.
 */
public final class EniPlacement implements Placement {

  @Override
  public Choice place(Request request) {
    ObservedMachine machine = request.machine();
    Optional<ObservedInterface> primary = machine.primary();
    Candidates candidates = candidates(request, primary);
    List<ObservedSubnet> named =
        request.subnets().values().stream().filter(candidates.test()).toList();
    if (named.isEmpty()) {
      return new Choice.Nowhere("SubnetNotFound", "no subnet of the VPC is " + candidates.text());
    }
    List<ObservedSubnet> inZone =
        named.stream().filter(subnet -> subnet.zone().equals(machine.zone())).toList();
    if (inZone.isEmpty()) {
      return new Choice.Nowhere(
          "NoSubnetInZone",
          "none of the subnets that are "
              + candidates.text()
              + " is in "
              + machine.zone()
              + "; add one to the profile");
    }
    List<ObservedSubnet> open = inZone.stream().filter(EniPlacement::hasRoom).toList();
    Optional<ObservedSubnet> best =
        mostFree(open.stream().filter(s -> !request.avoid().contains(s.id())).toList());
    if (best.isEmpty()) {
      return new Choice.Nowhere(
          "SubnetExhausted",
          "every subnet in "
              + machine.zone()
              + " that is "
              + candidates.text()
              + " is used up "
              + inZone.stream().map(subnet -> subnet.id().value()).toList()
              + "; add a subnet to the profile, or lower the max pods of its nodes");
    }
    ObservedSubnet subnet = best.get();
    return new Choice.In(
        subnet.id(),
        groups(request.rules(), primary),
        subnet.id()
            + ": "
            + candidates.text()
            + ", in "
            + machine.zone()
            + ", "
            + (subnet.freeAddresses().isPresent()
                ? subnet.freeAddresses().getAsInt() + " addresses free"
                : "free addresses unknown"));
  }

  private record Candidates(Predicate<ObservedSubnet> test, String text) {}

  private static Candidates candidates(Request request, Optional<ObservedInterface> primary) {
    Rules rules = request.rules();
    if (!rules.subnetIds().isEmpty()) {
      List<SubnetId> ids = rules.subnetIds();
      return new Candidates(
          subnet -> ids.contains(subnet.id()), "named by the profile's aws.subnetIds " + ids);
    }
    if (!rules.subnetTags().isEmpty()) {
      return new Candidates(
          subnet -> subnet.hasTags(rules.subnetTags()),
          "tagged as the profile's aws.subnetTags " + rules.subnetTags());
    }
    Optional<SubnetId> own = primary.map(ObservedInterface::subnet);
    return new Candidates(
        subnet -> own.filter(subnet.id()::equals).isPresent(), "the node's own subnet");
  }

  private static List<SecurityGroupId> groups(Rules rules, Optional<ObservedInterface> primary) {
    return rules.groups().isEmpty()
        ? primary.map(ObservedInterface::groups).orElse(List.of())
        : rules.groups();
  }

  private static boolean hasRoom(ObservedSubnet subnet) {
    return subnet.freeAddresses().orElse(1) > 0;
  }

  private static Optional<ObservedSubnet> mostFree(List<ObservedSubnet> subnets) {
    return subnets.stream()
        .min(
            Comparator.<ObservedSubnet>comparingInt(s -> -s.freeAddresses().orElse(0))
                .thenComparing(ObservedSubnet::id));
  }
}
