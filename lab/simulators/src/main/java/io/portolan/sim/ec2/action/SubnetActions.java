package io.portolan.sim.ec2.action;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import io.portolan.sim.ec2.model.CidrAssociation;
import io.portolan.sim.ec2.model.CidrReservation;
import io.portolan.sim.ec2.model.Ec2Error;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.Refusals;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.ec2.model.ResourceKind;
import io.portolan.sim.ec2.model.Subnet;
import io.portolan.sim.ec2.model.SubnetSpace;
import io.portolan.sim.ec2.model.Vpc;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Subnets. */
final class SubnetActions {
  static final Map<String, Action> ALL =
      Map.of(
          "CreateSubnet", SubnetActions::create,
          "DescribeSubnets", SubnetActions::describe,
          "ModifySubnetAttribute", SubnetActions::modify,
          "DeleteSubnet", SubnetActions::delete);

  private SubnetActions() {}

  private static Outcome create(Query query, Turn turn) {
    Ec2State state = turn.state();
    Vpc vpc = state.vpc(query.requiredId("VpcId", ResourceKind.VPC));
    Cidr block = query.cidr("CidrBlock").orElseThrow(() -> Refusals.missing("cidrBlock"));
    requireFits(state, vpc, block, block.prefixLength() >= 16 && block.prefixLength() <= 28);
    Optional<Cidr> ipv6 = query.cidr("Ipv6CidrBlock");
    ipv6.ifPresent(b -> requireFits(state, vpc, b, b.prefixLength() == 64));
    Subnet subnet =
        new Subnet(
            turn.newId(ResourceKind.SUBNET),
            vpc.id(),
            zone(query, turn.place().region()),
            SubnetSpace.of(block),
            ipv6.map(b -> new CidrAssociation(turn.newAssociation("subnet-cidr-assoc"), b)),
            false,
            false);
    Ec2State after =
        Tagging.tag(state.with(subnet), subnet.id(), Tagging.specified(query, ResourceKind.SUBNET));
    return Outcome.of(after, NetworkElements.subnet("subnet", turn, after, subnet));
  }

  private static String zone(Query query, Region region) {
    Optional<String> name = query.text("AvailabilityZone");
    Optional<String> id = query.text("AvailabilityZoneId");
    return region.zones().stream()
        .filter(z -> name.map(z.name()::equals).orElse(true))
        .filter(z -> id.map(z.id()::equals).orElse(true))
        .findFirst()
        .map(Region.Zone::name)
        .orElseThrow(() ->
            Refusals.invalid(
                "availabilityZone",
                name.or(() -> id).orElse(""),
                "Subnets can currently only be created in the following availability zones: "
                    + String.join(", ", region.zones().stream().map(Region.Zone::name).toList())
                    + "."));
  }

  private static void requireFits(Ec2State state, Vpc vpc, Cidr block, boolean sizeAllowed) {
    if (!sizeAllowed || !vpc.contains(block)) {
      throw new Ec2Error("InvalidSubnet.Range", "The CIDR '" + block + "' is invalid.").refusal();
    }
    boolean conflict =
        state.subnets().stream()
            .filter(s -> s.vpc().equals(vpc.id()))
            .anyMatch(s ->
                s.ipv4().overlaps(block)
                    || s.ipv6().filter(a -> a.block().overlaps(block)).isPresent());
    if (conflict) {
      throw new Ec2Error(
              "InvalidSubnet.Conflict", "The CIDR '" + block + "' conflicts with another subnet")
          .refusal();
    }
  }

  private static Outcome describe(Query query, Turn turn) {
    Ec2State state = turn.state();
    List<ResourceId> ids = query.ids("SubnetId", ResourceKind.SUBNET);
    List<Subnet> subnets =
        ids.isEmpty() ? state.subnets() : ids.stream().distinct().map(state::subnet).toList();
    Filters<Subnet> filters =
        Filters.<Subnet>tagged(state)
            .on("subnet-id", Subnet::id)
            .on("vpc-id", Subnet::vpc)
            .on("availability-zone", Subnet::zone)
            .on("availabilityZone", Subnet::zone)
            .on("availability-zone-id", s -> turn.place().region().zoneId(s.zone()))
            .on("cidr-block", Subnet::ipv4)
            .on("cidrBlock", Subnet::ipv4)
            .on("cidr", Subnet::ipv4)
            .onOptional(
                "ipv6-cidr-block-association.ipv6-cidr-block",
                s -> s.ipv6().map(CidrAssociation::block))
            .on("available-ip-address-count", s -> s.space().available())
            .on("map-public-ip-on-launch", Subnet::mapPublicIpOnLaunch)
            .on("default-for-az", _ -> false)
            .on("owner-id", _ -> turn.place().account())
            .on("state", _ -> "available");
    Page<Subnet> page =
        Page.of(query, ids, filters.apply(query, subnets), s -> s.id().text(), 5, 1000);
    return new Outcome(
        state, page.answer("subnetSet", s -> NetworkElements.subnet("item", turn, state, s)));
  }

  private static Outcome modify(Query query, Turn turn) {
    Subnet subnet = turn.state().subnet(query.requiredId("SubnetId", ResourceKind.SUBNET));
    Optional<Boolean> mapPublic = query.struct("MapPublicIpOnLaunch").optionalFlag("Value");
    Optional<Boolean> assignIpv6 =
        query.struct("AssignIpv6AddressOnCreation").optionalFlag("Value");
    if (mapPublic.isPresent() == assignIpv6.isPresent()) {
      throw Refusals.combination(
          "Exactly one of MapPublicIpOnLaunch and AssignIpv6AddressOnCreation must be specified");
    }
    if (assignIpv6.orElse(false)) {
      AddressPicker.ipv6Block(subnet);
    }
    Subnet changed = mapPublic.map(subnet::withMapPublicIpOnLaunch).orElse(subnet);
    changed = assignIpv6.map(changed::withAssignIpv6OnCreation).orElse(changed);
    return Outcome.done(turn.state().with(changed));
  }

  private static Outcome delete(Query query, Turn turn) {
    Ec2State state = turn.state();
    Subnet subnet = state.subnet(query.requiredId("SubnetId", ResourceKind.SUBNET));
    if (state.interfaces().stream().anyMatch(i -> i.subnet().equals(subnet.id()))) {
      throw Refusals.dependency(
          "The subnet '" + subnet.id() + "' has dependencies and cannot be deleted.");
    }
    Ec2State after = state.without(subnet.id());
    for (CidrReservation reservation : state.reservations(subnet.id())) {
      after = after.without(reservation.id());
    }
    return Outcome.done(after);
  }

  /** Whether the block can be part of the subnet at all, in either family. */
  static boolean contains(Subnet subnet, Cidr block) {
    return block.family() == IpFamily.IPV4
        ? subnet.ipv4().contains(block)
        : subnet.ipv6().filter(a -> a.block().contains(block)).isPresent();
  }
}
