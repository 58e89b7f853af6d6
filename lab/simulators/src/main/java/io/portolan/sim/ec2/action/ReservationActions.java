package io.portolan.sim.ec2.action;

import io.portolan.common.net.Cidr;
import io.portolan.sim.ec2.model.CidrReservation;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.Refusals;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.ec2.model.ResourceKind;
import io.portolan.sim.ec2.model.Subnet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Subnet CIDR reservations: what {@link AddressPicker} keeps away from. */
final class ReservationActions {
  static final Map<String, Action> ALL =
      Map.of(
          "CreateSubnetCidrReservation", ReservationActions::create,
          "GetSubnetCidrReservations", ReservationActions::list,
          "DeleteSubnetCidrReservation", ReservationActions::delete);

  private ReservationActions() {}

  /** Addresses in use may lie in the range; they stay where they are (VPC user guide). */
  private static Outcome create(Query query, Turn turn) {
    Subnet subnet = turn.state().subnet(query.requiredId("SubnetId", ResourceKind.SUBNET));
    Cidr block = query.cidr("Cidr").orElseThrow(() -> Refusals.missing("Cidr"));
    if (!SubnetActions.contains(subnet, block)) {
      throw Refusals.invalid("Cidr", block.toString(), "It is not within the subnet.");
    }
    if (turn.state().reservations(subnet.id()).stream().anyMatch(r -> r.block().overlaps(block))) {
      throw Refusals.cidrReservationConflict(block);
    }
    CidrReservation reservation =
        new CidrReservation(
            turn.newId(ResourceKind.SUBNET_CIDR_RESERVATION),
            subnet.id(),
            block,
            type(query.required("ReservationType")),
            query.text("Description").orElse(""));
    Ec2State state =
        Tagging.tag(
            turn.state().with(reservation),
            reservation.id(),
            Tagging.specified(query, ResourceKind.SUBNET_CIDR_RESERVATION));
    return Outcome.of(
        state, NetworkElements.reservation("subnetCidrReservation", turn, state, reservation));
  }

  private static CidrReservation.Type type(String text) {
    return switch (text) {
      case "prefix" -> CidrReservation.Type.PREFIX;
      case "explicit" -> CidrReservation.Type.EXPLICIT;
      default -> throw Refusals.invalid("ReservationType", text, "It is prefix or explicit.");
    };
  }

  private static Outcome list(Query query, Turn turn) {
    Ec2State state = turn.state();
    ResourceId subnet = state.subnet(query.requiredId("SubnetId", ResourceKind.SUBNET)).id();
    List<CidrReservation> all =
        Filters.<CidrReservation>tagged(state)
            .on("reservationType", r -> r.type().name().toLowerCase(Locale.ROOT))
            .on("subnet-id", CidrReservation::subnet)
            .apply(query, state.reservations(subnet));
    Page<CidrReservation> page = Page.of(query, List.of(), all, r -> r.id().text(), 5, 1000);
    List<Element> answer = new ArrayList<>();
    answer.add(set("subnetIpv4CidrReservationSet", true, page, turn));
    answer.add(set("subnetIpv6CidrReservationSet", false, page, turn));
    page.nextToken().ifPresent(token -> answer.add(Element.leaf("nextToken", token)));
    return new Outcome(state, answer);
  }

  private static Element set(String name, boolean ipv4, Page<CidrReservation> page, Turn turn) {
    return Element.node(
        name,
        page.items().stream()
            .filter(r -> r.block().network().isIpv4() == ipv4)
            .map(r -> NetworkElements.reservation("item", turn, turn.state(), r))
            .toList());
  }

  private static Outcome delete(Query query, Turn turn) {
    CidrReservation reservation =
        turn.state()
            .require(
                query.requiredId("SubnetCidrReservationId", ResourceKind.SUBNET_CIDR_RESERVATION),
                CidrReservation.class);
    return Outcome.of(
        turn.state().without(reservation.id()),
        NetworkElements.reservation(
            "deletedSubnetCidrReservation", turn, turn.state(), reservation));
  }
}
